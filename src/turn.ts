import type { Caller } from './contract/caller.ts'
import type { Decision, LimitRefusal, Offer } from './contract/decision.ts'
import type { Client, Gateway, Hold, Inbound } from './contract/gateway.ts'
import type { AttemptStart, Ticket } from './contract/ledger.ts'
import type { FallbackKind, PlanRules } from './contract/plan.ts'
import { withheld } from './decide/withheld.ts'
import { tagsOf } from './peek/tags.ts'
import type { Peeked } from './peek.ts'

/** One admitted request on its way: built once, whole, and never changed. */
export interface Turn {
  readonly gateway: Gateway
  readonly inbound: Inbound
  readonly client: Client
  readonly caller: Caller
  readonly peeked: Peeked
  readonly decision: Decision
  readonly plan: PlanRules
  readonly config: string
  readonly hold: Hold
  /** To be called when a provider answers, well or not; undefined for a first attempt. */
  readonly answered: (() => void) | undefined
  /** Attempts before the first of this course. */
  readonly tried: number
  /** Why this is not the model that was asked for. */
  readonly fallback: FallbackKind | undefined
  /** What the answer's headers tell besides. */
  readonly headers?: Readonly<Record<string, string>>
  /** Hears of each attempt once it is in the books. */
  readonly made?: (made: Made) => void
}

/** What became of an attempt: `well` where its answer came to its own end. */
export interface Made {
  readonly offer: Offer
  readonly well: boolean
  /** Nano-dollars; null is unknown. */
  readonly cost: number | null
}

/** A request whose caller is known and whose body has been looked into. */
export type Asking = Pick<Turn, 'gateway' | 'inbound' | 'client' | 'caller' | 'peeked'>

type Admitting = Pick<Turn, 'gateway' | 'caller' | 'peeked'>

/** What a decision came to: a place in the limits, unless nothing was offered or all replicas together had something against it. */
export interface Placed {
  readonly decision: Decision
  readonly hold: Hold | undefined
}

export function placed({ gateway, caller, peeked }: Admitting, decision: Decision): Placed | Promise<Placed> {
  const { offers, plan } = decision
  const hold = offers[0] && plan && gateway.limits.admit(caller, plan, peeked.ask)
  return hold instanceof Promise ? hold.then((held) => outcome(decision, held)) : { decision, hold }
}

const outcome = (decision: Decision, held: Hold | LimitRefusal): Placed =>
  'code' in held ? { decision: withheld(decision, held), hold: undefined } : { decision, hold: held }

/** A place for a further attempt, with what the one before held given back; undefined where others have taken it meanwhile. */
export async function heldAgain({ gateway, caller, plan, peeked, hold }: Turn): Promise<Hold | undefined> {
  hold.release()
  const held = await gateway.limits.admit(caller, plan, peeked.ask)
  return 'code' in held ? undefined : held
}

/** Notes an attempt in the books, with all that it may take of budgets and meters; or tells why they have no room for it. */
export async function booked(turn: Turn, offer: Offer, attempt: number): Promise<Ticket | Refused> {
  const { gateway, caller, plan, peeked } = turn
  const asked = { caller, plan, ask: peeked.ask, offer }
  const opened = await gateway.ledger.open(startOf(turn, offer, attempt), gateway.limits.draws(asked))
  return 'draw' in opened ? { refused: gateway.limits.refusal(asked, opened) } : opened
}

export interface Refused {
  readonly refused: LimitRefusal
}

/** What the books know of an attempt before a byte leaves. */
export function startOf({ inbound, caller, peeked, plan, config, gateway, fallback }: Turn, offer: Offer, attempt: number): AttemptStart {
  const { credential } = offer
  return {
    requestId: inbound.requestId,
    attempt,
    tenant: caller.tenant.id,
    key: caller.key.id,
    tags: tagsOf(inbound, caller, peeked.labels),
    user: peeked.user,
    endpoint: peeked.ask.endpoint,
    stream: peeked.ask.stream,
    plan: plan.id,
    provider: offer.provider.id,
    wireModel: offer.wireModel,
    model: offer.model?.id,
    source: credential.source,
    via: credential.via,
    fingerprint: credential.fingerprint,
    ...(credential.share && { pooled: true }),
    ...(fallback && { fallback }),
    price: offer.price,
    config,
    inputTokens: peeked.ask.inputTokens,
    maxOutput: peeked.ask.maxOutput,
    ...(peeked.ask.choices !== undefined && { choices: peeked.ask.choices }),
    at: gateway.now(),
  }
}

/** An option that a header turns on, or the gateway key's defaults. */
export function option(inbound: Inbound, { key }: Caller, name: 'usage_cost' | 'strict'): boolean {
  const sent = inbound.header(OPTIONS[name])
  return sent === undefined ? (key.defaults?.[name] ?? false) : sent === 'true'
}

const OPTIONS = { usage_cost: 'x-tollgate-usage-cost', strict: 'x-tollgate-strict' } as const
