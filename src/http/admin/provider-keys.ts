import { z } from 'zod'
import type { Tenant } from '../../contract/caller.ts'
import type { Provider } from '../../contract/provider.ts'
import type { Desk } from '../../desk/desk.ts'
import { diagnose } from '../../desk/diagnose.ts'
import {
  listProviderKeys,
  migrateProviderKeys,
  providerNamed,
  removeProviderKey,
  sealProviderKeys,
  setProviderKey,
  showProviderKey,
  testProviderKey,
} from '../../desk/provider-keys.ts'
import { tenantNamed } from '../../desk/tenants.ts'
import {
  providerKeyAnswer,
  providerKeyBody,
  removedAnswer,
  showProviderKeyStatus,
  showStored,
  showTested,
  storedAnswer,
  testedAnswer,
} from '../provider-keys.ts'
import { adminRoute } from './context.ts'

const dryRun = z.strictObject({ dry_run: z.stringbool().default(false) })

const oneKey = [
  adminRoute({
    method: 'PUT',
    path: '/tenants/{tenant}/provider-keys/{provider}',
    scope: 'provider_keys',
    summary: "Seal a tenant's key for a provider into its canonical row",
    body: providerKeyBody,
    answer: storedAnswer,
    handle: async ({ desk, by }, { params, body }) =>
      showStored(await setProviderKey(desk, by, { ...placeOf(desk, params), given: body }), true),
  }),
  adminRoute({
    method: 'GET',
    path: '/tenants/{tenant}/provider-keys/{provider}',
    scope: 'provider_keys',
    summary: 'Show what is stored for a provider',
    answer: providerKeyAnswer,
    handle: async ({ desk, by }, { params }) => showProviderKeyStatus(await showProviderKey(desk, by, placeOf(desk, params)), true),
  }),
  adminRoute({
    method: 'DELETE',
    path: '/tenants/{tenant}/provider-keys/{provider}',
    scope: 'provider_keys',
    summary: 'Remove every row of the walk, so that no older one comes alive',
    query: dryRun,
    answer: removedAnswer,
    async handle({ desk, by }, { params, query }) {
      const place = placeOf(desk, params)
      const removed = await removeProviderKey(desk, by, { ...place, dryRun: query.dry_run })
      return { provider: place.provider.id, removed: [...removed], dry_run: query.dry_run }
    },
  }),
  adminRoute({
    method: 'POST',
    path: '/tenants/{tenant}/provider-keys/{provider}/test',
    scope: 'provider_keys',
    summary: 'Ask the provider whether the stored key is good',
    answer: testedAnswer,
    handle: async ({ desk, by }, { params }) => showTested(await testProviderKey(desk, by, placeOf(desk, params)), true),
  }),
  adminRoute({
    method: 'POST',
    path: '/tenants/{tenant}/provider-keys/{provider}/diagnose',
    scope: 'provider_keys',
    summary: "Find out why a key that works on the provider's site does not work here",
    answer: z.looseObject({ tenant: z.string(), provider: z.string(), verdict: z.string(), because: z.string(), fix: z.string() }),
    handle: async ({ desk, by }, { params }) => ({ ...(await diagnose(desk, by, placeOf(desk, params))) }),
  }),
]

const allKeys = [
  adminRoute({
    method: 'GET',
    path: '/tenants/{tenant}/provider-keys',
    scope: 'provider_keys',
    summary: 'List the provider keys of a tenant, and rows at which no provider looks',
    answer: z.strictObject({
      data: z.array(providerKeyAnswer),
      next_cursor: z.null(),
      unclaimed: z.array(z.strictObject({ setting_key: z.string(), updated_at: z.string(), because: z.string().nullable() })),
    }),
    async handle({ desk, by }, { params }) {
      const { keys, unclaimed } = await listProviderKeys(desk, by, tenantNamed(desk, params.tenant))
      return {
        data: keys.map((key) => showProviderKeyStatus(key, true)),
        next_cursor: null,
        unclaimed: unclaimed.map((row) => ({ ...row, because: row.because ?? null })),
      }
    },
  }),
  adminRoute({
    method: 'POST',
    path: '/tenants/{tenant}/provider-keys/migrate',
    scope: 'provider_keys',
    summary: 'Move rows of older names to the canonical ones',
    query: dryRun,
    answer: z.strictObject({
      moves: z.array(z.strictObject({ from: z.string(), to: z.string() })),
      kept: z.array(z.string()).meta({ description: 'Left, since providers of one key group use different rows.' }),
      dry_run: z.boolean(),
    }),
    async handle({ desk, by }, { params, query }) {
      const tenant = tenantNamed(desk, params.tenant)
      const { moves, kept } = await migrateProviderKeys(desk, by, { tenant, dryRun: query.dry_run })
      return { moves: [...moves], kept: [...kept], dry_run: query.dry_run }
    },
  }),
  adminRoute({
    method: 'POST',
    path: '/tenants/{tenant}/provider-keys/seal',
    scope: 'provider_keys',
    summary: 'Seal what lies there as plain text, or in an envelope that can be opened',
    answer: z.strictObject({ sealed: z.array(z.string()) }),
    handle: async ({ desk, by }, { params }) => ({ sealed: [...(await sealProviderKeys(desk, by, tenantNamed(desk, params.tenant)))] }),
  }),
]

export const providerKeyRoutes = [...allKeys, ...oneKey]

function placeOf(desk: Desk, { tenant, provider }: { tenant: string; provider: string }): { tenant: Tenant; provider: Provider } {
  return { tenant: tenantNamed(desk, tenant), provider: providerNamed(desk, provider) }
}
