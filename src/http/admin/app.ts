import { Hono } from 'hono'
import type { Desk } from '../../desk/desk.ts'
import type { Finding } from '../../desk/doctor.ts'
import { type Operator, operatorOf, requireScope, type Scope } from '../../desk/operator.ts'
import { GatewayError } from '../../errors.ts'
import { type FailureDesk, failed } from '../failures.ts'
import { Presenting, refuseAmbiguous } from '../inbound.ts'
import { type Env, type Http, nodeOf } from '../node.ts'
import type { RelayOptions } from '../relay.ts'
import { serveRoutes } from '../serve-routes.ts'
import { openApi } from './openapi.ts'
import { adminRoutes } from './routes.ts'

export interface AdminParts {
  readonly desk: Desk
  readonly doctor: () => Promise<readonly Finding[]>
  /** Who acts. Throws where nobody may: over a socket `byAdminKey`, in process whoever holds the store's files. */
  readonly identify: (c: Http, requestId: string) => Operator
  readonly failures: FailureDesk
}

/** The admin API, to be mounted at `ADMIN_BASE`, or called in process: `app.request(new Request('http://local/tenants'))`. */
export function createAdminApp({ desk, doctor, identify, failures }: AdminParts): Hono<Env> {
  const app = new Hono<Env>()
  app.onError((error) => failed(error, failures))
  app.notFound((c) => failed(new GatewayError('not_found', `The admin API has nothing at ${c.req.method} ${c.req.path}.`), failures))
  const admitted = (c: Http, requestId: string, scope: Scope | undefined): Operator => {
    const by = identify(c, requestId)
    if (scope !== undefined) requireScope(by, scope)
    return by
  }
  // Made when somebody asks: few do, and a start does not wait for it.
  let document: object | undefined
  app.get('/openapi.json', (c) => {
    admitted(c, failures.newRequestId(), undefined)
    return c.json((document ??= openApi(adminRoutes)))
  })
  serveRoutes(app, adminRoutes, {
    requestId: failures.newRequestId,
    admit: (c, route, requestId) => ({ desk, doctor, by: admitted(c, requestId, route.scope) }),
  })
  return app
}

/** The holder of an admin key. */
export function byAdminKey({ gateway, trustedProxies }: Pick<RelayOptions, 'gateway' | 'trustedProxies'>): AdminParts['identify'] {
  return (c, requestId) => {
    const { incoming } = nodeOf(c)
    refuseAmbiguous(incoming)
    return operatorOf(gateway.identify(new Presenting(incoming, undefined, trustedProxies), ['admin']).key, requestId)
  }
}

export interface MetricsParts {
  /** The text of the figures and its content type. */
  readonly read: () => Promise<readonly [text: string, type: string]>
  /** Undefined on a listener of the operator's own, where anybody may read. */
  readonly identify: AdminParts['identify'] | undefined
  readonly failures: FailureDesk
}

/** `/metrics`, for an admin key of scope `metrics`. */
export function createMetricsApp({ read, identify, failures }: MetricsParts): Hono<Env> {
  const app = new Hono<Env>()
  app.onError((error) => failed(error, failures))
  app.get('/', async (c) => {
    if (identify) requireScope(identify(c, failures.newRequestId()), 'metrics')
    const [text, type] = await read()
    return c.body(text, 200, { 'content-type': type, 'cache-control': 'no-store' })
  })
  return app
}
