import type { Asked, AskShape } from '../contract/asked.ts'
import type { Caller, GatewayKey, Tenant } from '../contract/caller.ts'
import type { Price } from '../contract/catalog.ts'
import type { Ask, Decision, Offer, Snapshot } from '../contract/decision.ts'
import type { Usage } from '../contract/dialect.ts'
import { decide } from '../decide.ts'
import { refusal } from '../explain/explain.ts'
import { judged } from '../failover/fallback.ts'
import type { Directory } from '../policy/directory.ts'
import { UNNARROWED } from './explain.ts'

/** What real asks would meet under a changed configuration. All of it is the same decision that calls get; no provider is called. */
export interface Simulation {
  /** Calls that were replayed, and those of more shapes than are kept or of tenants that are gone, which were not. */
  readonly calls: number
  readonly skipped: number
  readonly changes: readonly Change[]
  readonly before: Sums
  readonly after: Sums
}

/** What becomes of one tenant's asks for one name. */
export interface Change {
  /** `lost` and `gained`: who may call. `rerouted`: another model, provider or payer. `repriced`: the same at another price. */
  readonly kind: 'lost' | 'gained' | 'rerouted' | 'repriced'
  readonly tenant: string
  /** As it was asked for. */
  readonly model: string
  readonly calls: number
  /** `provider/model (payer)`, or the code of a refusal. */
  readonly from: string
  readonly to: string
  /** Why it is lost. */
  readonly because: string | undefined
}

export interface Sums {
  readonly refused: number
  /** Served though `enforcement: on` would refuse them. */
  readonly waived: number
  /** Nano-dollars. */
  readonly cost: bigint
  readonly charge: bigint
  /** Calls whose price or usage is unknown: they are in neither sum. */
  readonly unpriced: number
}

/** Two states of the world, and what was asked. */
export interface SimulationInput {
  readonly asks: readonly Asked[]
  readonly directory: Pick<Directory, 'tenantById' | 'key'>
  readonly before: Snapshot
  readonly after: Snapshot
  /** Nano-dollars; null where price or usage do not tell. */
  readonly price: (price: Price | undefined, usage: Usage) => number | null
}

export function simulate({ asks, directory, before, after, price }: SimulationInput): Simulation {
  const sums = { before: new Sum(price), after: new Sum(price) }
  const changes = new Map<string, Change>()
  let [calls, skipped] = [0, 0]
  // What only a fallback was asked for is told by what it stood in for.
  for (const asked of asks.filter((one) => one.asked > 0)) {
    const question = questionOf(asked, directory)
    if (!question) {
      skipped += asked.asked
      continue
    }
    calls += asked.asked
    const was = judged({ ...question, snapshot: before }, decide).decision
    const is = judged({ ...question, snapshot: after }, decide).decision
    const repriced = sums.before.add(was, asked) !== sums.after.add(is, asked)
    const change = changeOf({ ...question, asked: asked.asked, was, is, repriced, config: after.config })
    if (change) note(changes, change)
  }
  return { calls, skipped, changes: [...changes.values()].sort(worstFirst), before: sums.before.all, after: sums.after.all }
}

interface Question {
  readonly caller: Caller
  readonly ask: Ask
}

function questionOf({ tenant: id, shape, leastTokens, inputTokens }: Asked, directory: SimulationInput['directory']): Question | undefined {
  const tenant = directory.tenantById(id)
  const key = shape?.key === undefined ? UNNARROWED : directory.key(shape.key)
  return tenant && shape && key && { caller: callerOf(tenant, key), ask: askOf(shape, leastTokens, inputTokens) }
}

const callerOf = (tenant: Tenant, key: GatewayKey): Caller => ({ tenant, key })

function askOf({ endpoint, family, model, at, stream, needs, pay }: AskShape, leastTokens: number, inputTokens: number): Ask {
  return {
    ...{ endpoint, model, stream, leastTokens, inputTokens },
    needs: Object.fromEntries(needs.map((need) => [need, true])),
    ...(family && { family }),
    ...(at && { at }),
    ...(pay && { pay }),
  }
}

interface Compared extends Question {
  readonly asked: number
  readonly was: Decision
  readonly is: Decision
  readonly repriced: boolean
  readonly config: string
}

function changeOf({ caller, ask, asked, was, is, repriced, config }: Compared): Change | undefined {
  const [from, to] = [nameOf(was, { caller, ask }), nameOf(is, { caller, ask })]
  const kind = kindOf(was, is, { moved: from !== to, repriced })
  if (!kind) return undefined
  const because = kind === 'lost' ? refusal(is, { caller, ask, config, audience: 'full', limits: {} }).message : undefined
  return { kind, tenant: caller.tenant.slug, model: ask.model, calls: asked, from, to, because }
}

function kindOf(was: Decision, is: Decision, { moved, repriced }: { moved: boolean; repriced: boolean }): Change['kind'] | undefined {
  const [served, serves] = [was.offers.length > 0, is.offers.length > 0]
  if (served && !serves) return 'lost'
  if (!served && serves) return 'gained'
  if (!served) return undefined
  return moved ? 'rerouted' : repriced ? 'repriced' : undefined
}

function nameOf(decision: Decision, { caller, ask }: Question): string {
  const [offer] = decision.offers
  if (offer) return `${offer.names.qualified} (${offer.credential.source})`
  return refusal(decision, { caller, ask, config: '', audience: 'none', limits: {} }).code
}

/** One line for all days and sizes that meet the same. */
function note(changes: Map<string, Change>, change: Change): void {
  const { kind, tenant, model, from, to } = change
  const key = JSON.stringify([kind, tenant, model, from, to])
  const known = changes.get(key)
  changes.set(key, known ? { ...known, calls: known.calls + change.calls } : change)
}

const KINDS: readonly Change['kind'][] = ['lost', 'rerouted', 'repriced', 'gained']

function worstFirst(a: Change, b: Change): number {
  return KINDS.indexOf(a.kind) - KINDS.indexOf(b.kind) || b.calls - a.calls || (a.tenant < b.tenant ? -1 : 1)
}

/** What all asks come to in one state of the world, each call with the usage that such calls had. */
class Sum {
  readonly #price: SimulationInput['price']
  #refused = 0
  #waived = 0
  #unpriced = 0
  #cost = 0n
  #charge = 0n

  constructor(price: SimulationInput['price']) {
    this.#price = price
  }

  /** What one call costs: nano-dollars, null where unknown, undefined where it is refused. */
  add({ offers: [offer] }: Decision, asked: Asked): number | null | undefined {
    if (!offer) {
      this.#refused += asked.asked
      return undefined
    }
    if (offer.observed) this.#waived += asked.asked
    const cost = this.#costOf(offer, asked)
    if (cost === null) this.#unpriced += asked.asked
    else {
      const sum = BigInt(cost) * BigInt(asked.asked)
      this.#cost += sum
      if (offer.credential.source !== 'tenant') this.#charge += sum
    }
    return cost
  }

  get all(): Sums {
    return { refused: this.#refused, waived: this.#waived, cost: this.#cost, charge: this.#charge, unpriced: this.#unpriced }
  }

  #costOf({ price }: Offer, { answered, ...sums }: Asked): number | null {
    if (answered === 0) return null
    const each = (sum: number) => Math.round(sum / answered)
    const { input, output, cacheRead, cacheWrite, reasoning } = sums
    return this.#price(price, {
      ...{ input: each(input), output: each(output), cacheRead: each(cacheRead), cacheWrite: each(cacheWrite), reasoning: each(reasoning) },
    })
  }
}
