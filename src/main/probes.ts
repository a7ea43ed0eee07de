import { type Credential, keysOf } from '../contract/decision.ts'
import type { Gateway } from '../contract/gateway.ts'
import type { KeyRef } from '../contract/health.ts'
import { probe } from '../probe.ts'
import type { World } from './world.ts'

/** Keys that were found invalid are asked about again when their time has come. */
export async function probeDueKeys({ world, gateway }: { world: World; gateway: Gateway }): Promise<void> {
  for (const key of world.keyHealth.due()) {
    const credential = credentialOf(world, key)
    if (!credential) continue
    const { verdict } = await probe(gateway, key.provider, credential)
    if (verdict !== 'unknown') world.keyHealth.probed(key, verdict === 'good')
  }
}

/** Undefined where the key is no longer the one that is used. */
function credentialOf(world: World, { tenant, provider, fingerprint }: KeyRef): Credential | undefined {
  const keys = world.providerKeys()
  const found = tenant === undefined ? keys.platform(provider) : keys.walk(tenant, provider).tenant
  return found && keysOf(found).find((key) => key.fingerprint === fingerprint)
}
