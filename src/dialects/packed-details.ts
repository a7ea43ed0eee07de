import { z } from 'zod'
import type { ReasoningDetail } from '../contract/chat.ts'
import { reasoningDetail } from './reasoning-details.ts'

// Clients hand opaque reasoning back unread: Anthropic's `data`, Gemini's `thoughtSignature`, OpenAI's `encrypted_content`. So marks of a
// format that the client's protocol has no words for travel inside it, and reach the provider that made them.

const HEAD = '{"tollgate/1": '
/** Fifteen bytes are twenty characters of base64 whatever follows them, so a foreign text is told without decoding it. */
const PREFIX = Buffer.from(HEAD).toString('base64')

export function packDetails(details: readonly ReasoningDetail[]): string {
  return Buffer.from(`${HEAD}${JSON.stringify(details)}}`).toString('base64')
}

/** What `packDetails` packed; undefined for any other text. Base64 in the URL's alphabet is read, too: some clients write it so. */
export function unpackDetails(text: string): ReasoningDetail[] | undefined {
  return text.startsWith(PREFIX) ? packed.safeParse(parsed(Buffer.from(text, 'base64').toString())).data : undefined
}

const packed = z.object({ 'tollgate/1': z.array(reasoningDetail) }).transform((object) => object['tollgate/1'])

function parsed(json: string): unknown {
  try {
    return JSON.parse(json)
  } catch {
    return undefined
  }
}
