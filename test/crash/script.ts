// What is asked in a crash run, and what a provider will make of it.

import type { Random } from '../support/random.ts'

/** USD for a million tokens: 3,000 and 15,000 nano-dollars each. */
export const PRICE = { input: 3, output: 15 }
const NANO = { input: 3_000n, output: 15_000n }

/** Tokens that the provider finds in every prompt: fewer than the gateway foresees. */
export const PROMPT = 9

export const chargeOf = (input: number, output: number): bigint => BigInt(input) * NANO.input + BigInt(output) * NANO.output

export const FILES = {
  'models.yaml': `
models:
  first: { offers: [{ provider: openai, wire_model: first, price: { input: 3, output: 15 } }] }
  second: { offers: [{ provider: groq, wire_model: second, price: { input: 3, output: 15 } }] }
routes:
  either: [groq/second, openai/first]
`,
}

export type Deed =
  /** Answers in one piece, with its usage. */
  | 'whole'
  /** Answers token by token, its usage last. */
  | 'stream'
  /** Streams half of it and breaks off. */
  | 'break'
  /** Says that it is too busy, and has done nothing. */
  | 'refuse'
  /** The same of the first provider of a route; the second answers in one piece. */
  | 'hop'

/** One request of the crowd. Its nonce goes with it as the user whom it is made for, into the provider's journal and into the books. */
export interface Asked {
  readonly nonce: string
  readonly tenant: string
  readonly deed: Deed
  /** What the answer will have, and what it may have at most. */
  readonly tokens: number
  readonly maxTokens: number
  /** Milliseconds before the first byte of the answer, and between its tokens. */
  readonly pause: number
  /** Milliseconds after which the client has had enough. */
  readonly leaves: number | undefined
  /** It goes with an idempotency key, and is sent again where it was cut. */
  readonly keyed: boolean
  how?: How
}

/** How it ended for the client: with the whole answer, with a status that says no, broken off, or by its own leaving. */
export type How = 'told' | 'refused' | 'cut' | 'left'

const DEEDS: readonly Deed[] = ['whole', 'whole', 'whole', 'stream', 'stream', 'stream', 'stream', 'hop', 'break', 'refuse']

export function scripted(random: Random, nonce: string, tenant: string): Asked {
  const tokens = random.between(1, 24)
  return {
    nonce,
    tenant,
    deed: random.pick(DEEDS),
    tokens,
    maxTokens: tokens + random.between(0, 8),
    pause: random.between(0, 12),
    leaves: random.chance(0.1) ? random.between(0, 60) : undefined,
    keyed: random.chance(0.25),
  }
}

export function bodyOf({ nonce, deed, maxTokens }: Asked): string {
  return JSON.stringify({
    model: deed === 'hop' ? 'either' : 'openai/first',
    messages: [{ role: 'user', content: 'Tell me, one word after the other, what the sea said to the land.' }],
    ...{ max_tokens: maxTokens, user: nonce, stream: deed === 'stream' || deed === 'break' },
  })
}
