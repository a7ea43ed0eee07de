import { providers } from '../../providers/index.ts'
import { retired } from '../../providers/retired.ts'
import type { Provider } from '../../src/contract/provider.ts'
import type { Registry } from '../../src/contract/registry.ts'
import { createRegistry } from '../../src/policy/registry.ts'

/** The registry as it is shipped, and nothing from any disk. */
export const shipped: Registry = createRegistry({ providers, retired })

export function providerOf(id: string, registry = shipped): Provider {
  const provider = registry.lookup(id)?.provider
  if (provider === undefined) throw new Error(`no provider goes by ${id}`)
  return provider
}
