import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { CatalogSnapshot } from '../contract/refresh.ts'

/** The catalogue that ships with the code, so that a process without network knows prices. */
export function loadEmbedded(): CatalogSnapshot {
  // Written by scripts/build-catalog.ts and checked by test/catalog/embedded.test.ts, so it is not parsed again at every start.
  return JSON.parse(readFileSync(join(import.meta.dirname, 'catalog.json'), 'utf8')) as CatalogSnapshot
}
