import type { Parts } from '../contract/auth.ts'
import type { CredentialWay } from '../contract/credential-schema.ts'
import type { Credential, Via } from '../contract/decision.ts'
import type { KeyHealth, KeyRef } from '../contract/health.ts'
import type { SettingKey } from '../contract/ids.ts'
import type { KeyShare } from '../contract/pool.ts'
import type { Secret } from '../contract/secret.ts'
import { GatewayError } from '../errors.ts'
import { compileModels } from './pattern-list.ts'

/** Where a key stands, whatever is in it. */
export interface Place {
  readonly source: 'tenant' | 'platform'
  readonly settingKey: SettingKey
  readonly via: Via
}

/** What is remembered of a key that can be read; the secret itself is fetched when it is sent. */
interface Readable {
  readonly last4: string | undefined
  readonly fields?: Credential['fields']
  readonly ref: KeyRef
  readonly health: KeyHealth
  readonly secret: () => Secret | undefined
  readonly way?: CredentialWay
  readonly parts?: () => Parts
  readonly share?: KeyShare | undefined
}

/** A provider that asks for no key: the platform's side pays, and nothing is sent. */
export const keyless: Credential = {
  source: 'none',
  settingKey: undefined,
  via: undefined,
  last4: undefined,
  fingerprint: undefined,
  state: 'usable',
  secret: () => undefined,
}

/** A key that can be read; whether it is good is asked of its health each time. */
export function readable(place: Place, { last4, fields, ref, health, share, ...opened }: Readable): Credential {
  return {
    ...place,
    last4,
    fingerprint: ref.fingerprint,
    fields,
    get state() {
      return health.isInvalid(ref) ? ('invalid' as const) : ('usable' as const)
    },
    get trouble() {
      const words = health.words(ref)
      return words === undefined ? undefined : `${ref.provider.name} refuses this key: ${words}`
    },
    ...opened,
    ...(share && { share, ...(share.models && { serves: compileModels(share.models) }) }),
  }
}

/** A row that is there and cannot be read: it decides all the same, and nothing is ever sent in its place. */
export function unreadable(place: Place, trouble: string): Credential {
  return {
    ...place,
    last4: undefined,
    fingerprint: undefined,
    state: 'unreadable',
    trouble,
    secret: () => {
      throw new GatewayError('credential_unreadable', `The key stored as ${place.settingKey} cannot be read: ${trouble}.`)
    },
  }
}

/** Several keys in one place: one that can be used pays, and where none can, the first says why. */
export function poolOf(place: Place, [first, ...others]: readonly [Credential, ...Credential[]]): Credential {
  const pool = [first, ...others]
  const spokesman = (): Credential => pool.find(({ state }) => state === 'usable') ?? first
  return {
    ...place,
    last4: undefined,
    fingerprint: first.fingerprint,
    ...(first.fields && { fields: first.fields }),
    get state() {
      return spokesman().state
    },
    get trouble() {
      return spokesman().trouble
    },
    secret: () => spokesman().secret(),
    ...(first.parts && { parts: () => spokesman().parts?.() ?? {} }),
    pool,
  }
}
