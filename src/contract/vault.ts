import type { SettingKey, TenantId } from './ids.ts'
import type { PooledKey } from './pool.ts'
import type { Secret } from './secret.ts'

/** Opens and seals the values of `tenant_settings`. */
export interface Vault {
  /** What a stored value holds. Never throws: a value that cannot be opened is `unreadable`, and never used as if it were the key. */
  open(row: SealedFor, value: string): Opened
  /** Our envelope around a value, bound to the tenant and the key group. */
  seal(row: SealedFor, plain: string): Promise<string>
}

/** What a value is bound to: it opens for this tenant and key group only. */
export interface SealedFor {
  readonly tenant: TenantId
  /** The `apiKeyEnv` of the key group. */
  readonly group: SettingKey
}

/** Seals what tenants were answered, each under the data key of its tenant and bound to the place where it lies. */
export interface ContentSeal {
  /** To be awaited before anything is sealed for a tenant: makes its data key where there is none. */
  ready(tenant: TenantId): Promise<void>
  /** Undefined where the tenant has no data key any more, since it was erased meanwhile. */
  seal(tenant: TenantId, place: string, plain: Buffer): string | undefined
  /** Undefined where nothing opens it: its data key was destroyed, or it was made for another place. */
  open(tenant: TenantId, place: string, sealed: string): Promise<Buffer | undefined>
}

export type Opened =
  | {
      readonly state: 'open'
      /** The key, where the value is a plain key or has a `key` field. */
      readonly key: Secret | undefined
      /** The value's other JSON fields, e.g. `region`, `endpoint`; secret ones are among them, so treat all as secret. */
      readonly fields: Readonly<Record<string, Secret>>
      /** Several keys, each with the fields that it has besides these. */
      readonly pool?: readonly PooledKey[]
      /** How it lay in the table: our envelope, plain text, or another system's envelope that an opener knows. */
      readonly form: 'sealed' | 'plain' | 'foreign'
    }
  | { readonly state: 'unreadable'; readonly trouble: string }
