import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response'
import { Hono } from 'hono'
import { callerOf } from '../answer.ts'
import type { Caller } from '../contract/caller.ts'
import type { IngressDialect } from '../contract/dialect.ts'
import type { Hub } from '../contract/family.ts'
import { GatewayError } from '../errors.ts'
import { recalled } from '../explain/question.ts'
import type { Route } from './arrived.ts'
import { allowOrigins } from './cors.ts'
import { askOf, explainAsk } from './explain.ts'
import { failed } from './failures.ts'
import { type FamilyIngress, familyDeployments, familyMethods, familyPosts, familyVersions } from './family-posts.ts'
import { Presenting, refuseAmbiguous } from './inbound.ts'
import { googleList, googleModel, listModels, showModel } from './models.ts'
import { type Env, type Http, nodeOf } from './node.ts'
import { keptOf, METHODS, passageOf } from './own-api.ts'
import { deployed, generated, type Ingress, type Post, posts, segmentAfter, versioned } from './posts.ts'
import type { Relay, RelayOptions } from './relay.ts'

export interface AppParts {
  readonly relay: Relay
  readonly options: RelayOptions
  readonly ingress: Ingress
  readonly families: FamilyIngress
  /** The protocol that a provider's own API speaks, for failures to be told in. */
  readonly protocolOf: (provider: string) => IngressDialect<Hub>
  /** Undefined: ready. Else the reason why no charge could be admitted now. */
  readonly unready: () => string | undefined
  /** Origins whose pages may call the data paths. */
  readonly corsOrigins: readonly string[]
  /** Sub-applications by path: the admin API, the tenant's own page. */
  readonly mounts: readonly { readonly path: string; readonly app: Hono<Env> }[]
}

/** What clients put before the paths that they share: most `/v1`, and others as their vendor's address has it. */
export const BASES = ['/v1', '', '/openai/v1', '/openai', '/api/v1', '/v1beta/openai', '/anthropic/v1']

/** Every route there is. Policy hangs on routes, never on path prefixes, and there is no catch-all, so an odd path finds nothing. */
export function createApp(parts: AppParts): Hono<Env> {
  const app = bare(parts.options)
  health(app, parts)
  allowOrigins(app, parts.corsOrigins)
  for (const prefix of ['', '/t/:tenant']) {
    for (const base of BASES) {
      data(app, parts, prefix + base)
      kept(app, parts, prefix + base)
    }
    models(app, parts, `${prefix}/v1beta`)
    for (const post of named(parts)) relayed(app, parts, { ...post, path: prefix + post.path })
    ownApis(app, parts, prefix)
  }
  for (const { path, app: mounted } of parts.mounts) app.route(path, mounted)
  return app
}

/** Paths with a version of their vendor's, or that name the model: the longer ones first, since Google's shortest takes any method. */
const named = ({ families, ingress }: AppParts): readonly Post[] => [
  ...[...versioned(ingress), ...familyVersions(families)],
  ...[...familyMethods(families), ...generated(ingress)],
  ...[...deployed(ingress), ...familyDeployments(families)],
]

/** A listener of the operator's own: the mounted applications, and nothing for apps. */
export function createBackApp({ options, unready, mounts }: Pick<AppParts, 'options' | 'unready' | 'mounts'>): Hono<Env> {
  const app = bare(options)
  health(app, { unready })
  for (const { path, app: mounted } of mounts) app.route(path, mounted)
  return app
}

function bare(options: RelayOptions): Hono<Env> {
  const app = new Hono<Env>()
  app.onError((error) => failed(error, options))
  app.notFound((c) =>
    failed(new GatewayError('not_found', `There is nothing at ${c.req.method} ${c.req.path}. The README lists what there is.`), options),
  )
  return app
}

/** What apps call: with and without `/v1`, with and without the tenant in the path. */
function data(app: Hono<Env>, parts: AppParts, base: string): void {
  const { gateway } = parts.options
  for (const post of [...posts(parts.ingress), ...familyPosts(parts.families)]) relayed(app, parts, { ...post, path: base + post.path })
  models(app, parts, base)
  on(app, ['GET', 'HEAD'], `${base}/explain`, async (c) => {
    const caller = callerFor(c, parts)
    const snapshot = gateway.snapshot()
    const plan = snapshot.planOf(caller.tenant)
    const limits = plan ? gateway.limits.standing(caller, plan) : {}
    const ask = askOf(new URL(c.req.url).searchParams)
    await recalled(gateway, { caller, ask, snapshot })
    return told(c, parts, explainAsk(ask, { caller, snapshot, limits }))
  })
}

/** What may be asked of an answer that its provider keeps. */
function kept(app: Hono<Env>, parts: AppParts, base: string): void {
  const { responses } = parts.ingress
  const asks = { '': ['GET', 'DELETE'], '/cancel': ['POST'], '/input_items': ['GET'] }
  for (const [rest, methods] of Object.entries(asks)) {
    on(app, methods, `${base}/responses/:id${rest}`, (c) => {
      const asked = { stream: c.req.query('stream') === 'true' }
      return handed(c, parts, { ingress: responses, endpoint: 'responses', asked, kept: keptOf })
    })
  }
}

function models(app: Hono<Env>, parts: AppParts, base: string): void {
  const { gateway } = parts.options
  // Google's own clients ask at /v1, too, from their third major version on; the header of their key tells them.
  const asksGoogle = (c: Http) => base.endsWith('/v1beta') || c.req.header('x-goog-api-key') !== undefined
  on(app, ['GET', 'HEAD'], `${base}/models`, (c) => {
    const list = listModels(callerFor(c, parts), gateway.snapshot())
    return told(c, parts, asksGoogle(c) ? googleList(list) : list)
  })
  app.get(`${base}/models/:id{.+}`, (c) => {
    const model = showModel(callerFor(c, parts), segmentAfter(new URL(c.req.url), '/models/'), gateway.snapshot())
    return told(c, parts, asksGoogle(c) ? googleModel(model) : model)
  })
}

const told = (c: Http, { options }: AppParts, body: object): Response =>
  c.json(body, 200, { 'x-request-id': options.newRequestId(), 'cache-control': 'no-store' })

function relayed(app: Hono<Env>, parts: AppParts, { path, endpoint, ingress, instead, asked }: Post): void {
  on(app, ['POST'], path, (c) => {
    const url = new URL(c.req.url)
    return handed(c, parts, { ingress: instead?.(url) ?? ingress, endpoint, asked: asked?.(url) ?? {} })
  })
}

/** Whatever a provider has below its base URL. */
function ownApis(app: Hono<Env>, parts: AppParts, prefix: string): void {
  on(app, METHODS, `${prefix}/providers/:provider/*`, (c) => {
    const ingress = parts.protocolOf(c.req.param('provider') ?? '')
    return handed(c, parts, { ingress, endpoint: 'passthrough', asked: {}, passage: passageOf })
  })
}

/** One handler for every method: Hono runs a single one at once, and composes several. What else there is is told. */
// biome-ignore lint/complexity/useMaxParams: read like Hono's own
function on(app: Hono<Env>, methods: readonly string[], path: string, handle: (c: Http) => Response | Promise<Response>): void {
  const allow = [...methods, 'OPTIONS'].join(', ')
  app.all(path, (c) => {
    if (methods.includes(c.req.method)) return handle(c)
    if (c.req.method === 'OPTIONS') return c.body(null, 204, { allow })
    throw new GatewayError('method_not_allowed', `${c.req.path} takes ${allow}.`, { headers: { allow } })
  })
}

/** Not awaited: the relay writes to Node's response itself and never rejects. */
function handed(c: Http, { relay }: AppParts, route: Omit<Route, 'pathTag'>): Response {
  void relay.handle(nodeOf(c).incoming, nodeOf(c).response, { ...route, pathTag: c.req.param('tenant') })
  return RESPONSE_ALREADY_SENT
}

function health(app: Hono<Env>, { unready }: Pick<AppParts, 'unready'>): void {
  app.get('/', (c) => c.text('Tollgate is here. Point an OpenAI base URL at /v1.\n'))
  // Where Claude Code looks whether anybody is there.
  app.get('/api/hello', (c) => c.json({ message: 'hello' }))
  for (const path of ['/health/live', '/healthz']) app.get(path, (c) => c.json({ status: 'live' }))
  for (const path of ['/health/ready', '/readyz']) {
    app.get(path, (c) => {
      const reason = unready()
      return reason === undefined ? c.json({ status: 'ready' }) : c.json({ status: 'unready', reason }, 503)
    })
  }
}

export function callerFor(c: Http, { options }: Pick<AppParts, 'options'>): Caller {
  refuseAmbiguous(nodeOf(c).incoming)
  return callerOf(options.gateway, presentedFor(c, options))
}

export function presentedFor(c: Http, { trustedProxies }: Pick<RelayOptions, 'trustedProxies'>): Presenting {
  return new Presenting(nodeOf(c).incoming, c.req.param('tenant'), trustedProxies)
}
