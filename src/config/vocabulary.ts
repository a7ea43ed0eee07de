import type { Preference, Tier } from '../contract/catalog.ts'
import type { Endpoint } from '../contract/provider.ts'

// Words of the contract as values. Records, so that the compiler asks for a word that was added there.

export const TIERS = words<Tier>({ economy: true, standard: true, premium: true, frontier: true })

export const RANKS = words<Preference>({ auto: true, 'auto:cheap': true, 'auto:fast': true, 'auto:best': true })

export const ENDPOINTS = words<Endpoint>({
  chat: true,
  responses: true,
  messages: true,
  embeddings: true,
  completions: true,
  images: true,
  audio: true,
  moderations: true,
  rerank: true,
  generate: true,
  passthrough: true,
})

function words<Word extends string>(record: Readonly<Record<Word, true>>): readonly Word[] {
  return Object.keys(record) as Word[]
}
