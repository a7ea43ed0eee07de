import type { Gateway } from '../contract/gateway.ts'
import { probe } from '../probe.ts'
import type { World } from './world.ts'

/** Keys that were found invalid are asked about again when their time has come. */
export async function probeDueKeys({ world, gateway }: { world: World; gateway: Gateway }): Promise<void> {
  for (const key of world.keyHealth.due()) {
    const walk = key.tenant && world.providerKeys().walk(key.tenant, key.provider)
    const credential = walk ? walk.tenant : undefined
    if (!credential || credential.fingerprint !== key.fingerprint) continue
    const { verdict } = await probe(gateway, key.provider, credential)
    if (verdict !== 'unknown') world.keyHealth.probed(key, verdict === 'good')
  }
}
