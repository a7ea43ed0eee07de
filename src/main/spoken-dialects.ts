import { providers } from '../../providers/index.ts'
import type { UpstreamDialect } from '../contract/dialect.ts'
import type { Hub } from '../contract/family.ts'
import { upstreamDialects } from '../dialects/dialects.ts'

/** Every dialect by the id that an operator's `providers.yaml` names it with: the common ones, and those that live with their one speaker. */
export const spokenDialects: ReadonlyMap<string, UpstreamDialect<Hub>> = new Map([
  ...upstreamDialects,
  ...providers.flatMap((provider) => [provider, ...provider.also]).map(({ dialect }) => [dialect.id, dialect] as const),
])
