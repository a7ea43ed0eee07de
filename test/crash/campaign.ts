import { setTimeout as sleep } from 'node:timers/promises'
import type { AttemptRow } from '../../src/contract/ledger.ts'
import type { LedgerStore } from '../../src/contract/store.ts'
import { verifyBooks } from '../../src/ledger/verify.ts'
import { until } from '../support/by-hand.ts'
import { type Installation, install } from '../support/installation.ts'
import { type Random, randomOf } from '../support/random.ts'
import { type Crowd, gather } from './crowd.ts'
import { type Ground, postgresGround, sqliteGround } from './ground.ts'
import { type Payers, payersOf } from './payers.ts'
import { type ScriptedProvider, startProvider } from './provider.ts'
import { reckon } from './reckoning.ts'
import { FILES } from './script.ts'

export interface Campaign {
  readonly engine: 'sqlite' | 'postgres'
  readonly rounds: number
  readonly seed: number
  /** Rounds between two looks into the books. */
  readonly every: number
  readonly onRound?: (sofar: Report) => void
  /** Asked after each round: true ends it here. */
  readonly stopped?: () => boolean
}

export interface Report {
  readonly engine: string
  readonly seed: number
  /** What happened, and how often. */
  readonly harms: Record<string, number>
  /** What became of the clients' requests, and of the attempts in the books. */
  readonly answers: Record<string, number>
  readonly attempts: Record<string, number>
  readonly wrong: string[]
}

const GROUNDS = { sqlite: sqliteGround, postgres: postgresGround }
const CROWD = 16
/** Further ones would tell of the same. */
const MOST_WRONG = 20

/** Harms an installation again and again while a crowd asks, and holds its books against what the provider and the clients saw. */
export async function campaign({ engine, rounds, seed, every, onRound = () => {}, stopped = () => false }: Campaign): Promise<Report> {
  const stage = await setStage(engine, seed)
  const report: Report = { engine, seed, harms: {}, answers: {}, attempts: {}, wrong: [] }
  let round = 0
  try {
    await stage.installation.start()
    stage.crowd.goOn()
    while (round < rounds && report.wrong.length < MOST_WRONG && !stopped()) {
      if (round++ % 5 === 0) await stage.payers.renew()
      count(report.harms, await harm(stage))
      if (round % every === 0) await look(stage, report, round)
      onRound(report)
    }
    if (round % every !== 0) await look(stage, report, round)
    await verify(stage, report)
  } catch (error) {
    report.wrong.push(`seed ${seed}, round ${round}: ${error instanceof Error ? error.stack : error}`)
  } finally {
    await stage.remove()
  }
  return report
}

interface Stage {
  readonly random: Random
  readonly ground: Ground
  readonly installation: Installation
  readonly provider: ScriptedProvider
  readonly crowd: Crowd
  readonly payers: Payers
  /** The newest attempt that was held against the other witnesses. */
  newest: AttemptRow | undefined
  remove(): Promise<void>
}

async function setStage(engine: Campaign['engine'], seed: number): Promise<Stage> {
  const random = randomOf(seed)
  const ground = await GROUNDS[engine]()
  const provider: ScriptedProvider = await startProvider((nonce) => crowd.scriptOf(nonce))
  const installation = await install({ provider: provider.origin, config: FILES, env: ground.env })
  const payers = payersOf(installation, random)
  const crowd = gather({ url: () => installation.url, size: CROWD, random, payer: payers.next })
  return {
    ...{ random, ground, installation, provider, crowd, payers, newest: undefined },
    async remove() {
      await installation.kill()
      await crowd.stop()
      await provider.close()
      await ground.remove()
      installation.remove()
    },
  }
}

/** What happens at a random moment; resolves with its name, once a gateway is up again. */
async function harm({ random, ground, installation }: Stage): Promise<string> {
  await sleep(random.between(5, 200))
  const others = Object.entries(ground.harms)
  const [name, other] = others.length > 0 && random.chance(2 / 3) ? random.pick(others) : ['gateway killed', undefined]
  if (other) {
    await other(random)
    await until('the gateway to write its books again', () => installation.isReady(), 15_000)
    return name
  }
  await installation.kill()
  ground.calm()
  const inVain = random.chance(0.1)
  if (inVain) await installation.startInVain(random.between(50, 900))
  await installation.start()
  return inVain ? 'gateway killed, and killed again while it started' : name
}

/** Lets everybody finish and the books come to rest, and compares. */
async function look(stage: Stage, report: Report, round: number): Promise<void> {
  const { ground, installation, provider, crowd, payers } = stage
  await crowd.pause()
  await installation.kill()
  ground.calm()
  await ground.letTimePass()
  await installation.start()
  await until('the provider to be quiet', () => provider.quiet || undefined, 10_000)
  const store = await ground.open(installation.dataFolder)
  const rows = await rowsSince(store.ledger, stage.newest).finally(() => store.close())
  const asked = crowd.take()
  const wrong = [...reckon({ asked, journal: provider.take(), rows }), ...payers.overspent(rows)]
  stage.newest = rows[0] ?? stage.newest
  for (const { state } of rows) count(report.attempts, state)
  for (const { how = 'unanswered' } of asked.values()) count(report.answers, how)
  report.wrong.push(...wrong.map((what) => `seed ${report.seed}, round ${round}: ${what}`))
  crowd.goOn()
}

/** Newest first. */
async function rowsSince(ledger: LedgerStore, newest: AttemptRow | undefined): Promise<AttemptRow[]> {
  const rows: AttemptRow[] = []
  for (;;) {
    const page = await ledger.requests({ limit: 1_000, ...(rows.length > 0 && { before: rows.at(-1)!.start }) })
    const known = page.findIndex(({ start }) => start.requestId === newest?.start.requestId && start.attempt === newest.start.attempt)
    rows.push(...(known < 0 ? page : page.slice(0, known)))
    if (known >= 0 || page.length === 0) return rows
  }
}

async function verify({ ground, installation, crowd }: Stage, report: Report): Promise<void> {
  await crowd.pause()
  await installation.kill()
  const store = await ground.open(installation.dataFolder)
  const { attempts, wrong } = await verifyBooks(store.ledger, Date.now()).finally(() => store.close())
  const counted = Object.values(report.attempts).reduce((sum, number) => sum + number, 0)
  report.wrong.push(...wrong.map((what) => `seed ${report.seed}, ledger verify: ${what}`))
  if (attempts < counted) report.wrong.push(`seed ${report.seed}: ${counted} attempts were seen, and ${attempts} are in the books`)
}

function count(counts: Record<string, number>, what: string): void {
  counts[what] = (counts[what] ?? 0) + 1
}
