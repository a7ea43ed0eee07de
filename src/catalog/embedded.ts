import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ListedModel } from '../contract/catalog.ts'

/** The catalogue that ships with the code, so that a process without network knows prices. */
export interface EmbeddedCatalog {
  /** The first 12 hex digits of the SHA-256 of the models' lines. */
  readonly snapshot: string
  readonly models: readonly ListedModel[]
}

export function loadEmbedded(): EmbeddedCatalog {
  // Written by scripts/build-catalog.ts and checked by test/catalog/embedded.test.ts, so it is not parsed again at every start.
  return JSON.parse(readFileSync(join(import.meta.dirname, 'catalog.json'), 'utf8')) as EmbeddedCatalog
}
