import { setImmediate as tick } from 'node:timers/promises'
import type { Tenant } from '../../contract/caller.ts'
import { settingKey } from '../../contract/ids.ts'
import type { Provider } from '../../contract/provider.ts'
import type { KeyStatus } from '../../policy/provider-keys.ts'
import { isBlank, namedRows } from '../../policy/setting-rows.ts'
import { capital, counted, type Finding, hasAddress, type Installation } from './finding.ts'

/** What is odd about the rows of `tenant_settings`, one finding for each setting key however many tenants have it. */
export async function oddRows(installation: Installation): Promise<Finding[]> {
  const odd: OddRow[] = []
  for (const [at, tenant] of installation.directory.tenants().entries()) {
    // A hundred thousand tenants take seconds, and a gateway that serves must not stand still meanwhile.
    if (at % TENANTS_A_TURN === 0) await tick()
    odd.push(...oddRowsOf(installation, tenant))
  }
  const alike = Map.groupBy(odd, ({ code, key, detail }) => JSON.stringify([code, key, detail]))
  const { settings } = installation.host.store.readOnly
  return [...alike.values()].flatMap((rows) => (rows[0] ? [where(told(rows[0], rows), settings)] : []))
}

const TENANTS_A_TURN = 50

interface OddRow {
  readonly code: keyof typeof WORDS
  readonly tenant: Tenant
  readonly key: string
  readonly provider?: Provider | undefined
  readonly detail?: string | undefined
}

function oddRowsOf(installation: Installation, tenant: Tenant): OddRow[] {
  if (installation.directory.rowsOf(tenant.id).length === 0) return []
  const counting = installation.keys.list(tenant.id)
  const odd = [
    ...counting.flatMap((status) => oddKey(installation, tenant, status)),
    ...unsealed(installation, tenant),
    ...shadowed(tenant, counting),
    ...alikeButForCase(installation, tenant),
    ...unclaimed(installation, tenant),
  ]
  // Providers of one key group look at the same rows.
  return [...new Map(odd.map((row) => [`${row.code} ${row.key} ${row.detail ?? ''}`, row])).values()]
}

/** The key that counts for a provider. */
function oddKey({ keys, registry }: Installation, tenant: Tenant, status: KeyStatus): OddRow[] {
  const key = status.setting_key ?? ''
  const provider = registry.get(status.provider)
  const lost = provider && !hasAddress(provider) && keys.walk(tenant, provider).tenant?.fields?.endpoint === undefined
  const odd = (code: OddRow['code'], detail?: string): OddRow => ({ code, tenant, key, provider, detail })
  return [
    ...(status.status === 'unreadable' ? [odd('credential_unreadable', status.trouble)] : []),
    ...(status.status === 'invalid' ? [odd('credential_invalid', status.trouble)] : []),
    ...(status.via === 'legacy' || status.via === 'shared' ? [odd('row_legacy')] : []),
    ...(lost ? [odd('provider_without_address')] : []),
  ]
}

function unsealed({ keys, registry }: Installation, tenant: Tenant): OddRow[] {
  const rows = registry.providers.flatMap((provider) => keys.rows(tenant.id, provider))
  return rows.filter(({ form }) => form === 'plain').map(({ setting_key }) => ({ code: 'row_unsealed', tenant, key: setting_key ?? '' }))
}

/** Rows that no provider gets to, since another of the same walk comes first. */
function shadowed(tenant: Tenant, counting: readonly KeyStatus[]): OddRow[] {
  const counts = new Set<string | undefined>(counting.map(({ setting_key }) => setting_key))
  return counting.flatMap(({ shadows, setting_key }) =>
    shadows
      .filter((key) => !counts.has(settingKey(key)))
      .map((key) => ({ code: 'row_shadowed' as const, tenant, key, detail: setting_key })),
  )
}

function alikeButForCase({ directory, registry }: Installation, tenant: Tenant): OddRow[] {
  const named = [...namedRows(directory.rowsOf(tenant.id))].filter(([key]) => registry.groupOf(key) !== undefined)
  return named.flatMap(([key, { row, all }]) => {
    const alike = all.filter((one) => !isBlank(one))
    return alike.length > 1 ? [{ code: 'row_case' as const, tenant, key, detail: row?.key }] : []
  })
}

function unclaimed({ keys }: Installation, tenant: Tenant): OddRow[] {
  return keys
    .unclaimed(tenant.id)
    .map(({ setting_key, because }) => ({ code: 'row_unclaimed', tenant, key: setting_key.toUpperCase(), detail: because }))
}

function told(row: OddRow, alike: readonly OddRow[]): Finding {
  const slugs = alike.map(({ tenant }) => tenant.slug)
  const { level, say } = WORDS[row.code]
  const who = capital(counted('tenant', slugs))
  const [only] = slugs
  return { level, code: row.code, subject: row.key, ...say({ row, who, tenant: slugs.length === 1 && only ? only : '<tenant>' }) }
}

/** What Tollgate only reads, no command of its can mend. */
function where(finding: Finding, table: string | undefined): Finding {
  return table !== undefined && finding.fix.includes('tollgate provider-keys')
    ? { ...finding, fix: `Change the row in ${table}, which Tollgate only reads.` }
    : finding
}

interface Speech {
  readonly row: OddRow
  readonly who: string
  /** For a command: the slug where there is but one. */
  readonly tenant: string
}

interface Words {
  readonly level: Finding['level']
  say(speech: Speech): Pick<Finding, 'sentence' | 'fix'>
}

const WORDS = {
  credential_unreadable: {
    level: 'error',
    say: ({ row, who, tenant }) => ({
      sentence: `${who}: the row ${row.key} cannot be read, and is never sent as if it were the key: ${row.detail}.`,
      fix: `tollgate provider-keys set ${tenant} ${row.provider?.id}`,
    }),
  },
  credential_invalid: {
    level: 'warn',
    say: ({ row, who, tenant }) => ({
      sentence: `${who}: the key in ${row.key} is refused. ${row.detail}`,
      fix: `tollgate provider-keys diagnose ${tenant} ${row.provider?.id}`,
    }),
  },
  row_legacy: {
    level: 'warn',
    say: ({ row, who, tenant }) => ({
      sentence: `${who}: the key of ${row.provider?.name} lies under a former name, ${row.key}, and is found there.`,
      fix: `tollgate provider-keys migrate ${tenant} moves it to ${row.provider?.apiKeyEnv}.`,
    }),
  },
  row_unsealed: {
    level: 'warn',
    say: ({ row, who, tenant }) => ({
      sentence: `${who}: the key in ${row.key} lies in the database as plain text.`,
      fix: `tollgate provider-keys seal ${tenant}`,
    }),
  },
  row_shadowed: {
    level: 'warn',
    say: ({ row, who, tenant }) => ({
      sentence: `${who}: the row ${row.key} is never used, for ${row.detail} comes first.`,
      fix: `Delete the row, so that nobody changes a key that does not count; tollgate provider-keys remove ${tenant} <provider> takes all of them.`,
    }),
  },
  row_case: {
    level: 'warn',
    say: ({ row, who }) => ({
      sentence: `${who}: several rows are called ${row.key} but for case; ${row.detail} counts.`,
      fix: 'Delete the others, so that nobody changes a row that does not count.',
    }),
  },
  row_unclaimed: {
    level: 'info',
    say: ({ row, who }) => ({
      sentence: `${who}: no provider looks at the row ${row.key}.${row.detail ? ` ${row.detail}` : ''}`,
      fix: "Nothing, where it is another program's setting; else list its name under a provider's legacy_ids or env_aliases in providers.yaml.",
    }),
  },
  provider_without_address: {
    level: 'warn',
    say: ({ row, who }) => ({
      sentence: `${who}: a key for ${row.provider?.name} is stored, and ${row.provider?.name} has no address.`,
      fix: `Give ${row.provider?.id} a base_url in providers.yaml.`,
    }),
  },
} satisfies Record<string, Words>
