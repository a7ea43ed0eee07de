import { z } from 'zod'
import { providerNamed, removeProviderKey, setProviderKey, testProviderKey } from '../../desk/provider-keys.ts'
import { GatewayError } from '../../errors.ts'
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
import { type TenantContext, tenantRoute } from './context.ts'

export const ownKeyRoutes = [
  tenantRoute({
    method: 'GET',
    path: '/provider-keys',
    summary: 'The provider keys of this tenant',
    answer: z.strictObject({ data: z.array(providerKeyAnswer), next_cursor: z.null() }),
    async handle({ desk, tenant, audience }) {
      const keys = desk.providerKeys().list(tenant.id)
      return { data: keys.map((key) => showProviderKeyStatus(key, audience !== 'none')), next_cursor: null }
    },
  }),
  tenantRoute({
    method: 'GET',
    path: '/provider-keys/{provider}',
    summary: 'What is stored for a provider',
    answer: providerKeyAnswer,
    async handle({ desk, tenant, audience }, { params }) {
      const status = desk.providerKeys().status(tenant.id, providerNamed(desk, params.provider))
      return showProviderKeyStatus(status, audience !== 'none')
    },
  }),
  tenantRoute({
    method: 'PUT',
    path: '/provider-keys/{provider}',
    summary: 'Store a key for a provider',
    body: providerKeyBody,
    answer: storedAnswer,
    async handle(context, { params, body }) {
      const { desk, by, tenant, audience } = context
      const provider = providerNamed(desk, params.provider)
      refuseUnusable(context, provider.id)
      return showStored(await setProviderKey(desk, by, { tenant, provider, given: body }), audience !== 'none')
    },
  }),
  tenantRoute({
    method: 'DELETE',
    path: '/provider-keys/{provider}',
    summary: 'Remove every row in which a key for the provider may lie',
    query: z.strictObject({ dry_run: z.stringbool().default(false) }),
    answer: removedAnswer,
    async handle({ desk, by, tenant }, { params, query }) {
      const provider = providerNamed(desk, params.provider)
      const removed = await removeProviderKey(desk, by, { tenant, provider, dryRun: query.dry_run })
      return { provider: provider.id, removed: [...removed], dry_run: query.dry_run }
    },
  }),
  tenantRoute({
    method: 'POST',
    path: '/provider-keys/{provider}/test',
    summary: 'Ask the provider whether the stored key is good',
    answer: testedAnswer,
    async handle({ desk, by, tenant, audience }, { params }) {
      const provider = providerNamed(desk, params.provider)
      return showTested(await testProviderKey(desk, by, { tenant, provider }), audience !== 'none')
    },
  }),
]

/** A tenant is told before it hands a key over that the plan would never use it. */
function refuseUnusable({ plan, tenant }: TenantContext, provider: string): void {
  if (plan?.allowsOwnKeyFor(provider)) return
  throw new GatewayError(
    'byok_not_in_plan',
    `Plan ${tenant.plan} does not use own keys for ${provider}, so none is stored. Ask your operator for a plan that does.`,
  )
}
