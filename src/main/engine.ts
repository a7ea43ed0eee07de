import { setTimeout as sleep } from 'node:timers/promises'
import { createObservations } from '../catalog/observations.ts'
import { createRanker } from '../catalog/ranker.ts'
import type { Gateway, Observer, Tokens } from '../contract/gateway.ts'
import type { Move } from '../contract/meter.ts'
import type { Upstream } from '../contract/upstream.ts'
import { createAskBook } from '../ledger/ask-book.ts'
import { priceAttempt } from '../ledger/cost.ts'
import { type Books, createLedger } from '../ledger/ledger.ts'
import type { Limits } from '../policy/limits.ts'
import type { Log } from '../telemetry/log.ts'
import type { Metrics } from '../telemetry/metrics.ts'
import { createTraces } from '../telemetry/traces.ts'
import { createWebhooks } from '../telemetry/webhooks.ts'
import { createDemo } from '../upstream/demo.ts'
import { createGuard } from '../upstream/guard.ts'
import { recording } from '../upstream/record.ts'
import { replaying } from '../upstream/replay.ts'
import { route } from '../upstream/route.ts'
import { createUpstream } from '../upstream/send.ts'
import { createTokens } from '../upstream/tokens.ts'
import { after } from './after.ts'
import { aftermath } from './aftermath.ts'
import { tellingAgain } from './again.ts'
import { capacityOf } from './capacity.ts'
import { createGateway, type GatewayParts, newInstance } from './gateway.ts'
import { limitsOf } from './limits.ts'
import { probeDueKeys } from './probes.ts'
import { openShared, type Shared } from './shared.ts'
import { steady } from './steady.ts'
import { watchBudgets, watchingModels, watchPlans, watchProviders } from './watchmen.ts'
import type { World } from './world.ts'

const HOUR = 3_600_000
/** Milliseconds that a start waits for what a crash left to be closed. */
const PATIENCE = 2_000
/** So long a balance stands after its period, for whoever looks back. */
const KEPT = 40 * 24 * HOUR

/** What answers requests: the page's ports with books, limits and the way out behind them. */
export interface Engine {
  readonly gateway: Gateway
  readonly limits: Limits
  readonly books: Books
  /** What replicas share, where the operator named a server for it. */
  readonly shared: Shared | undefined
  close(): Promise<void>
}

export interface EngineInput {
  readonly world: World
  readonly log: Log
  readonly metrics: Metrics
  /** A folder that keeps each exchange with a provider. */
  readonly record?: string | undefined
  /** A folder that answers in the providers' place. */
  readonly replay?: string | undefined
}

export async function openEngine(input: EngineInput): Promise<Engine> {
  const { world, log, metrics } = input
  const every = repeating(log)
  const instance = newInstance()
  const { settings } = world.configured().config
  const shared = await openShared(settings, { instance, log, metrics })
  const limits = limitsOf(world, { shared: shared?.rates, capacity: capacityOf(settings), onPassed: watchBudgets(world) })
  const books = booksOf(world, log, (moves) => limits.learn(moves))
  const asked = createAskBook({ store: world.store.asks, now: world.now })
  const { work, close, ...again } = tellingAgain(world, metrics, shared?.redis)
  const parts = { ...waysOut(input, instance), ...watching(input), asked, ...again, instance }
  const gateway = createGateway({ world, limits, ledger: books, ...parts })
  measureOffers(world, metrics)
  // Whoever is let in meanwhile is: what is still open is held, and its balances with it.
  await Promise.race([books.recover(), sleep(PATIENCE)])
  const timers = [
    every(30_000, () => books.recover()),
    every(10_000, () => world.providerKeys().sweep()),
    every(10_000, () => probeDueKeys({ world, gateway })),
    every(10_000, () => asked.flush()),
    every(HOUR, () => world.store.ledger.forgetBalances(world.now() - KEPT)),
    ...watchTimers({ world, log }, every),
    ...[...work, ...aftermath({ world, instance, log, metrics })].map(([ms, task]) => every(ms, task)),
  ]
  return {
    gateway,
    limits,
    books,
    shared,
    async close() {
      for (const timer of timers) clearInterval(timer)
      close()
      gateway.drains.close()
      const uncounted = (error: unknown) => log.error('What was asked last is in no count.', { error: String(error) })
      await Promise.all([books.flush(), asked.flush().catch(uncounted), shared?.close()])
      await parts.upstream.close()
    },
  }
}

function booksOf({ store, now }: World, log: Log, onMoves: (moves: readonly Move[]) => void): Books {
  const onError = (error: unknown) => log.error('The books cannot be written.', { error: String(error) })
  return createLedger({ store: store.ledger, now, price: priceAttempt, onError, onMoves })
}

type Every = (ms: number, work: () => unknown) => NodeJS.Timeout

function repeating(log: Log): Every {
  return (ms, work) => {
    const run = async (): Promise<void> => {
      await work()
    }
    return setInterval(
      () => void run().catch((error: unknown) => log.error('A background task failed; it will be tried again.', { error: String(error) })),
      ms,
    ).unref()
  }
}

/** What notices events, and what delivers them. */
function watchTimers({ world, log }: Pick<EngineInput, 'world' | 'log'>, every: Every): NodeJS.Timeout[] {
  const { store, web, now, configured } = world
  const onTrouble = (error: unknown) => log.error('Events could not be delivered; trying again.', { error: String(error) })
  const webhooks = createWebhooks({ store: store.events, web, hooks: () => configured().config.settings.events, now, onTrouble })
  const plans = watchPlans(world)
  plans()
  return [every(2_000, watchProviders(world)), every(60_000, plans), every(2_000, () => webhooks.deliver())]
}

/** The built-in provider in process, all others over sockets. */
export function wayOut({ now, configured }: Pick<World, 'now' | 'configured'>, instance: string): Upstream {
  const { sizes } = configured().config.settings
  const sockets = createUpstream({
    guard: createGuard(),
    limits: { frameBytes: sizes.answerFrame, headerBytes: 64 * 1024 },
    now: steady,
    instance,
  })
  return route(createDemo({ now, after }), sockets)
}

/** Tokens are fetched beside the recorder, so that none is written down; recordings answer to whoever asks, without any. */
function waysOut({ world, log, record, replay }: EngineInput, instance: string): { upstream: Upstream; tokens: Tokens } {
  if (replay !== undefined) return { upstream: replaying({ dir: replay, now: steady, after }), tokens: NO_TOKENS }
  const out = wayOut(world, instance)
  const tokens = createTokens({ upstream: out, now: world.now })
  if (record === undefined) return { upstream: out, tokens }
  const report = (error: unknown) => log.warn('An exchange could not be recorded.', { error: String(error) })
  return { upstream: recording(out, { dir: record, report }), tokens }
}

function measureOffers(world: World, metrics: Metrics): void {
  metrics.gauge({
    name: 'tollgate_offers_passed_over',
    help: 'Offers that are passed over now because their provider does not serve them or asked for patience.',
    label: 'provider',
    read: () => passedOver(world),
  })
}

function passedOver({ health }: World): [provider: string, offers: number][] {
  const blocked = health.report().filter(({ until }) => until !== undefined)
  const byProvider = Map.groupBy(blocked, ({ provider }) => provider)
  return [...byProvider].map(([provider, reports]) => [provider, reports.reduce((sum, { models }) => sum + models.length, 0)])
}

const NO_TOKENS: Tokens = { mint: async () => ({}), forget: () => {} }

/** Whoever is told of every attempt, and what they make of it. */
function watching({ world, metrics }: EngineInput): Pick<GatewayParts, 'observe' | 'traces' | 'rank'> {
  const observations = createObservations(world.now)
  const traces = createTraces(world.now)
  const observe = each(watchingModels(metrics, world.announce), observations)
  return { observe, traces, rank: createRanker(observations.seen) }
}

function each(observer: Observer, ...others: readonly Pick<Observer, 'attempt'>[]): Observer {
  return {
    attempt(event) {
      observer.attempt(event)
      for (const other of others) other.attempt(event)
    },
    refused: (code) => observer.refused(code),
  }
}
