import type { AnswerCache } from './answer-cache.ts'
import type { AskBook } from './asked.ts'
import type { Mint, Parts } from './auth.ts'
import type { Caller, GatewayKey, KeyKind, Tenant } from './caller.ts'
import type { Claims } from './copy.ts'
import type { Ask, Credential, Keyed, KeyUser, LimitRefusal, Metered, Offer, Snapshot, Via } from './decision.ts'
import type { IngressDialect, Usage } from './dialect.ts'
import type { Hub } from './family.ts'
import type { Form } from './form.ts'
import type { Headroom } from './headroom.ts'
import type { KeyHealth, OfferHealth, RetryBudget } from './health.ts'
import type { Keepers } from './kept.ts'
import type { Ledger } from './ledger.ts'
import type { Balance, Draw, MeterRule, Overdraft, Source } from './meter.ts'
import type { Method, Passage } from './passage.ts'
import type { PlanRules } from './plan.ts'
import type { Deadlines, Endpoint, Provider } from './provider.ts'
import type { Traces } from './trace.ts'
import type { Upstream } from './upstream.ts'

/** What the life of a request needs; the composition root provides it. */
export interface Gateway {
  /** Milliseconds since the epoch. */
  readonly now: () => number
  /** This process, in the hop header. */
  readonly instance: string
  identify(presented: Presented, kinds: readonly KeyKind[]): Identified
  /** The key was revoked or has expired since it was identified. */
  lapsed(key: GatewayKey): boolean
  /** The state of the world at this moment; one snapshot serves one decision. */
  snapshot(): Snapshot
  readonly limits: Admission
  readonly ledger: Ledger
  readonly upstream: Upstream
  readonly tokens: Tokens
  readonly keyHealth: KeyHealth
  readonly health: OfferHealth
  readonly retries: RetryBudget
  readonly drains: Drains
  /** From 0 to 1, for a draw among keys. */
  readonly random: () => number
  readonly deadlines: Deadlines
  readonly sizes: Sizes
  /** A key of the walk was used, so that an operator sees when the last legacy row is gone. */
  usedVia(via: Via | undefined): void
  readonly keepers: Keepers
  readonly claims: Claims
  readonly answers: AnswerCache
  readonly observe: Observer
  readonly traces: Traces
  readonly asked: AskBook
}

/** Answers that are read on though their clients have left, since their providers bill them to the end. */
export interface Drains {
  /** What it gives is called when the answer has ended; undefined: there is no room. `stop` is called where that takes too long. */
  enter(stop: () => void): (() => void) | undefined
  /** Stops all of them: this process is about to end. */
  close(): void
}

/** Short-lived parts that credentials were exchanged for, each kept until shortly before it expires and fetched once however many wait. */
export interface Tokens {
  /** Rejects with `credential_invalid` on the service's own words, else with `upstream_unreachable` or `upstream_timeout`. */
  mint(provider: Provider, credential: Credential, mint: Mint): Promise<Parts>
  /** The provider no longer takes what was minted. */
  forget(credential: Credential): void
}

/** Bounds of what is read and kept: a request's JSON, and in bytes one frame of a streamed answer, and an answer that may be told again. */
export interface Sizes {
  readonly jsonDepth: number
  readonly jsonTokens: number
  readonly answerFrame: number
  readonly keptAnswer: number
}

export interface Presented {
  /** By lower-case name; undefined where absent. */
  header(name: string): string | undefined
  /** The `/t/…` prefix's slug or id. */
  readonly pathTag: string | undefined
  readonly ip: string | undefined
}

export interface Identified {
  readonly key: GatewayKey
  readonly tenant: Tenant | undefined
}

/** One request as it came in. */
export interface Inbound extends Presented {
  readonly requestId: string
  readonly ingress: IngressDialect<Hub>
  readonly endpoint: Endpoint
  /** What the path tells in place of the body. */
  readonly asked: { readonly model?: string; readonly stream?: boolean }
  /** Reads the whole body, now and not before: nothing is taken from a caller who is not known. Rejects with `request_too_large`. */
  body(): Promise<Buffer>
  /** In place of `body` where the request is a multipart form. Rejects with `request_too_large` and `invalid_value`. */
  readonly form?: (() => Promise<Form>) | undefined
  /** In place of both where a provider's own API is asked. */
  readonly passage?: Passage | undefined
  /** In place of all three where something is asked of an answer that a provider keeps. */
  readonly kept?: KeptAsked | undefined
  /** Milliseconds since the epoch. */
  readonly at: number
}

/** What is asked of an answer that a provider keeps: its id comes first in the path. */
export interface KeptAsked {
  readonly id: string
  readonly method: Method
  /** What follows the id, e.g. `/cancel`, and the query. */
  readonly rest: string
}

/** The client's side of the answer. `write` returning false asks for patience until `onDrain`. */
export interface Client {
  /** Whose request this is: where the plan says so, a stream ends when its key is revoked. */
  serves(caller: Caller, plan: PlanRules): void
  begin(status: number, headers: Readonly<Record<string, string>>): void
  /** Takes a `begin` back of which nothing was sent. */
  withdraw(): void
  write(chunk: Buffer | string): boolean
  end(chunk?: Buffer | string): void
  /** Whether its answer is made to the end though it goes: then only what ends it from our side counts as its going. */
  stay(stays: boolean): void
  readonly begun: boolean
  readonly gone: boolean
  /** Called once, when the client has taken what waited for it. */
  onDrain(callback: () => void): void
  /** Called once when the client goes before the answer is whole. */
  onGone(callback: () => void): void
}

/** Limits of one process: what `decide` reads and `answer` takes. */
export interface Admission {
  check(caller: Caller, plan: PlanRules, ask: Ask): LimitRefusal | undefined
  /** What budgets and meters say, by what this process knows is spent. */
  checkMeters(asked: Metered): LimitRefusal | undefined
  /**
   * Takes what was checked; with an `await` between the two, somebody else may have taken it. A promise where replicas share their limits:
   * all of them together have the last word.
   */
  admit(caller: Caller, plan: PlanRules, ask: Ask): Hold | Promise<Hold | LimitRefusal>
  /** What an attempt asks of its meters, for the books to let it in; undefined where none counts it. */
  draws(asked: Metered): readonly Draw[] | undefined
  /** Why the books did not. */
  refusal(asked: Metered, overdraft: Overdraft): LimitRefusal
  /** Reads anew what stands of all that may count this caller: for whoever asks before spending. */
  recall(caller: Caller, plan: PlanRules, ask?: Ask): Promise<readonly MeterStanding[]>
  /** What the limits of one key of a pool say, and where little is left of a key that tenants share, whether this one has had its share. */
  checkKey(key: Keyed, by: KeyUser): LimitRefusal | undefined
  /** Counts a request against them until what it gives is called; undefined where the key has no limits. */
  takeKey(key: Keyed, by: KeyUser): (() => void) | undefined
  /** A provider has told what is left of a key, in its answer to what was sent so many milliseconds ago. */
  heardOf(key: Keyed, headroom: Headroom, ago: number): void
  /** A provider did not take this one, and takes nothing more with its key for so many seconds. */
  spentKey(key: Keyed, ask: Ask, retryAfter: number): void
  /** This process has as much to do as it can, and this tenant has its share of that. */
  hasItsShare(caller: Caller): boolean
  /** Of the tenant's limits and its key's, those that bind first. */
  standing(caller: Caller, plan: PlanRules): { readonly requests?: Standing; readonly tokens?: Standing }
}

/** What a request holds of its tenant's limits until it is over. The first of `settle` and `release` counts. */
export interface Hold {
  /** What an answer used in place of what was foreseen; undefined: nobody can tell. */
  settle(tokens: number | undefined): void
  release(): void
}

/** How one meter stands for one caller. */
export interface MeterStanding {
  readonly rule: MeterRule
  readonly source: Source
  readonly balance: Balance
}

export interface Standing {
  readonly limit: number
  readonly remaining: number
  readonly resetMs: number
}

/** Where telemetry listens. Labels come from the catalogue and the error table, never from callers. */
export interface Observer {
  attempt(event: {
    offer: Offer
    code: string
    status: number
    firstByteMs: number | undefined
    totalMs: number
    usage: Usage | undefined
    /** The share that is left of the provider's rate limit, 0 to 1; absent where it does not say. */
    headroom?: number | undefined
  }): void
  refused(code: string): void
}
