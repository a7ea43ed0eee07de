import type { ProviderFailure } from './dialect.ts'
import type { Provider, ProviderWords } from './provider.ts'

/** Do these words of the provider say that the key itself is bad? Told by the provider's own table, never by a bare 403. */
export function saysBadKey({ badKey }: Provider, status: number, failure: ProviderFailure | undefined): boolean {
  return says(badKey, status, failure)
}

/** Is the provider's failure one of these? */
export function says(words: readonly ProviderWords[], status: number, failure: ProviderFailure | undefined): boolean {
  return words.some((row) => (row.status ?? status) === status && matches(row, failure))
}

function matches({ code, message }: ProviderWords, failure: ProviderFailure | undefined): boolean {
  if (code !== undefined && code !== failure?.code && code !== failure?.type) return false
  return message === undefined || (failure?.message.startsWith(message) ?? false)
}
