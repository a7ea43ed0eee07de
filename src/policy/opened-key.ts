import type { Parts } from '../contract/auth.ts'
import type { Credential } from '../contract/decision.ts'
import { type SettingKey, settingKey, type TenantId } from '../contract/ids.ts'
import type { KeyShare, PooledKey } from '../contract/pool.ts'
import type { Provider } from '../contract/provider.ts'
import type { Secret } from '../contract/secret.ts'
import { GatewayError } from '../errors.ts'
import { type Place, poolOf, readable, unreadable } from './credential.ts'
import { strangeRegion, takesRegion } from './parts.ts'
import { decodeValue } from './sealing/value.ts'
import { type Eyes, several } from './several.ts'

/** A key that was opened: what is in it, and how to have it again when it is sent. */
export interface OpenedKey {
  readonly provider: Provider
  readonly place: Place
  /** Undefined for the platform's. */
  readonly tenant: TenantId | undefined
  readonly parts: Parts
  readonly again: () => Parts
  readonly share?: KeyShare | undefined
}

/** The credential it makes, or an unreadable one that says what is wrong with it. */
export function credentialOf(opened: OpenedKey, eyes: Eyes): Credential {
  const { provider, place, tenant, parts, again, share } = opened
  if (provider.credentials) return several({ provider, place, tenant, given: parts, again, share }, eyes)
  const { key, region, endpoint } = parts
  if (key === undefined) return unreadable(place, 'its fields hold no `key`')
  const site = region?.reveal()
  if (site !== undefined && !takesRegion(provider, site)) return unreadable(place, `it ${strangeRegion(provider, site)}`)
  return readable(place, {
    last4: key.last4,
    fields: { region: site, endpoint: endpoint?.reveal() },
    ref: { provider, tenant, fingerprint: eyes.fingerprint(tenant, key) },
    health: eyes.health,
    secret: () => again()['key'] ?? lost(place),
    share,
  })
}

/** Several keys of one place as the one that stands for them. */
export function poolCredential(keys: readonly OpenedKey[], eyes: Eyes): Credential | undefined {
  const [first, ...others] = keys.map((key) => credentialOf(key, eyes))
  const place = keys[0]?.place
  return first && place && poolOf(place, [first, ...others])
}

/** The platform's keys under one name: one, a pool written as JSON, or numbered names beside it (`OPENAI_API_KEY_2`, `_3`, …). */
export function platformKeys(provider: Provider, name: SettingKey, platform: (name: SettingKey) => Secret | undefined): OpenedKey[] {
  const places = [name, ...numbered(name, platform)]
  const keys = places.flatMap((settingKey): OpenedKey[] => {
    const text = platform(settingKey)
    const place: Place = { source: 'platform', settingKey, via: 'platform' }
    return text
      ? platformPool(text).map(({ parts, share }) => ({ provider, place, tenant: undefined, parts, again: () => parts, share }))
      : []
  })
  return keys.length > 1 ? keys.map((key) => ({ ...key, share: key.share ?? { weight: 1 } })) : keys
}

/** From 2 on, without a gap. */
function numbered(name: SettingKey, platform: (name: SettingKey) => Secret | undefined): SettingKey[] {
  const names: SettingKey[] = []
  for (let number = 2; platform(settingKey(`${name}_${number}`)) !== undefined; number++) names.push(settingKey(`${name}_${number}`))
  return names
}

/** What the environment holds is the operator's word: a text that is no JSON is the key, whatever it looks like. */
function platformPool(text: Secret): readonly (Pick<PooledKey, 'parts'> & Partial<PooledKey>)[] {
  const opened = text.reveal().startsWith('{') ? decodeValue(text.reveal(), 'plain') : undefined
  const parts = opened?.state === 'open' ? { ...opened.fields, ...(opened.key && { key: opened.key }) } : { key: text }
  return (opened?.state === 'open' && opened.pool) || [{ parts }]
}

function lost({ settingKey }: Place): never {
  throw new GatewayError('credential_unreadable', `The key stored as ${settingKey} can no longer be read. Store it again.`)
}
