import type { Caller } from './caller.ts'
import type { OwnName } from './catalog.ts'
import type { Ask, Decision } from './decision.ts'
import type { Usage } from './dialect.ts'
import type { Family } from './family.ts'
import type { KeyId, TenantId } from './ids.ts'
import type { Endpoint } from './provider.ts'

/** One kind of ask: all that judging it again needs, and nothing of what was said in it. */
export interface AskShape {
  /** Only of a gateway key that narrows. */
  readonly key?: KeyId
  readonly endpoint: Endpoint
  readonly family?: Family
  readonly model: string
  readonly at?: OwnName
  readonly stream: boolean
  readonly needs: readonly (keyof Ask['needs'])[]
  readonly pay?: 'tenant'
  /** Prompts up to twice as long are alike: the power of two below their least tokens. */
  readonly size: number
}

/** How often one was sent, and what came of it. */
export interface AskFigures {
  readonly asked: number
  readonly refused: number
  /** Of those whose usage is known, with the sums of it below. */
  readonly answered: number
  readonly input: number
  readonly output: number
  readonly cacheRead: number
  readonly cacheWrite: number
  readonly reasoning: number
  /** The most of any. */
  readonly leastTokens: number
  readonly inputTokens: number
}

/** A tenant's asks of one shape on one day. */
export interface Asked extends AskFigures {
  readonly tenant: TenantId
  /** Days since the epoch, UTC. */
  readonly day: number
  /** Undefined: the rest of that day, of more shapes than are kept. */
  readonly shape: AskShape | undefined
}

/** Keeps what was asked, for `simulate`: in memory first, so that a request pays a look into a map. */
export interface AskBook {
  judged(caller: Caller, ask: Ask, decision: Decision): void
  /** An attempt for this ask ended; one that told no usage counts for nothing. */
  used(caller: Caller, ask: Ask, usage: Usage | undefined): void
}
