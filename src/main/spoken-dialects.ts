import { providers } from '../../providers/index.ts'
import type { UpstreamDialect } from '../contract/dialect.ts'
import type { Hub } from '../contract/family.ts'
import { upstreamDialects } from '../dialects/dialects.ts'

/**
 * Every dialect by the id that an operator's `providers.yaml` names it with: those that live with their one speaker, and the common ones,
 * which a speaker's own manner of speaking one does not replace; it may have a name of its own.
 */
export const spokenDialects: ReadonlyMap<string, UpstreamDialect<Hub>> = new Map([
  ...providers.flatMap((provider) => [provider, ...provider.also]).map(({ dialect }) => [dialect.named ?? dialect.id, dialect] as const),
  ...upstreamDialects,
])
