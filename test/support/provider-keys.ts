import { createHash } from 'node:crypto'
import type { KeyHealth } from '../../src/contract/health.ts'
import { type SettingKey, type TenantId, tenantId } from '../../src/contract/ids.ts'
import { Secret } from '../../src/contract/secret.ts'
import type { SettingRow } from '../../src/contract/store.ts'
import type { SealedFor, Vault } from '../../src/contract/vault.ts'
import { createProviderKeys, type ProviderKeys } from '../../src/policy/provider-keys.ts'
import { shipped } from './shipped.ts'

export const brennan = tenantId('t_brennan')

/** Rows as `name=value`, written at one moment, or as `name=value@updated_at`. */
export function rowsOf(texts: readonly string[], tenant: TenantId = brennan): SettingRow[] {
  return texts.map((text) => {
    const [, key = '', value = '', at = '2026-05-02T10:00:00.000Z'] = /^([^=]*)=([^@]*)(?:@(.*))?$/.exec(text) ?? []
    return { tenant, key, value, createdAt: at, updatedAt: at }
  })
}

/** A vault that seals by writing down what a value is bound to, so that a test can read it. */
export const openVault: Vault = {
  open: (row, value) => {
    const [, bound, sealed] = /^sealed\((.*?)\)(.*)$/.exec(value) ?? []
    if (bound !== undefined && bound !== boundTo(row)) return { state: 'unreadable', trouble: 'it was sealed for somebody else' }
    if (value.startsWith('foreign:')) return { state: 'unreadable', trouble: 'another system sealed it' }
    const { key, ...fields }: Record<string, string> = value.startsWith('{') ? JSON.parse(value) : { key: sealed ?? value }
    const secrets = Object.entries(fields).map(([name, text]) => [name, new Secret(text)] as const)
    const form = sealed === undefined ? 'plain' : 'sealed'
    return { state: 'open', key: key === undefined ? undefined : new Secret(key), fields: Object.fromEntries(secrets), form }
  },
  seal: async (row, plain) => `sealed(${boundTo(row)})${plain}`,
}

const boundTo = ({ tenant, group }: SealedFor): string => `${tenant} ${group}`

export const healthy: KeyHealth = { isInvalid: () => false, words: () => undefined, refused: () => {}, accepted: () => {} }

/** Provider keys over rows that a test may replace; every call of `set` moves the version. */
export function keysOver(rows: readonly SettingRow[], given: Partial<Parameters<typeof createProviderKeys>[0]> = {}) {
  let current = rows
  let version = 1
  const keys: ProviderKeys = createProviderKeys({
    registry: shipped,
    rows: { rowsOf: (tenant) => current.filter((row) => row.tenant === tenant), versionOf: () => version },
    vault: openVault,
    platform: () => undefined,
    platformFile: () => undefined,
    health: healthy,
    fingerprint: (tenant, secret) => createHash('sha256').update(`${tenant} ${secret.reveal()}`).digest('hex').slice(0, 8),
    now: () => 0,
    ...given,
  })
  const set = (next: readonly SettingRow[]): void => {
    current = next
    version += 1
  }
  return { keys, set, rows: () => current }
}

/** The platform's environment. */
export const platformOf = (names: Readonly<Record<string, string>>) => (name: SettingKey) => {
  const value = names[name]
  return value === undefined || value === '' ? undefined : new Secret(value)
}
