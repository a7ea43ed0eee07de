import { Hono } from 'hono'
import type { Desk } from '../../desk/desk.ts'
import { operatorOf, requireScope } from '../../desk/operator.ts'
import { callerFor } from '../app.ts'
import type { Env, Http } from '../node.ts'
import type { RelayOptions } from '../relay.ts'
import type { Route } from '../route.ts'
import { serveRoutes } from '../serve-routes.ts'
import type { TenantContext } from './context.ts'
import { ownKeyRoutes } from './provider-keys.ts'
import { standingRoutes } from './standing.ts'

export interface TenantPageParts {
  readonly desk: Desk
  readonly options: RelayOptions
}

/** Every route of a tenant's own page, below `/v1`. */
export const tenantPageRoutes: readonly Route<TenantContext>[] = [...standingRoutes, ...ownKeyRoutes]

/** What a tenant sees and does of its own, by its key or by a service key of scope `provider_keys`. */
export function createTenantPage({ desk, options }: TenantPageParts): Hono<Env> {
  const app = new Hono<Env>()
  serveRoutes(app, tenantPageRoutes, { requestId: options.newRequestId, admit: (c, _route, requestId) => admitted(c, requestId) })
  return app

  function admitted(c: Http, requestId: string): TenantContext {
    const caller = callerFor(c, { options })
    if (caller.key.kind === 'service') requireScope(caller.key, 'provider_keys')
    const plan = options.gateway.snapshot().planOf(caller.tenant)
    return { desk, by: operatorOf(caller.key, requestId), ...caller, plan, audience: plan?.expose ?? 'none' }
  }
}
