import { randomBytes } from 'node:crypto'
import { appendFileSync, cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import type { Environment } from '../../src/config/env.ts'
import { loadConfig } from '../../src/config/load.ts'
import { serve } from '../../src/main/serve.ts'
import { createLog } from '../../src/telemetry/log.ts'
import { holdToPromise } from './admin-answers.ts'
import { type State, stateIn } from './state.ts'

export interface GatewayOptions {
  /** Laid over what a test's gateway has: port 0, temporary folders, no demo tenants, an admin key. */
  readonly env?: Environment
  /** Files in place of the shipped ones, by name. */
  readonly config?: Readonly<Record<string, string>>
  /** Base URLs by provider id, path included: `{ openai: `${fake.origin}/v1` }`. */
  readonly providers?: Readonly<Record<string, string>>
  /** Another gateway's, to be its replica; the other one drops it. */
  readonly state?: State
  /** Milliseconds of silence before a stream is pinged. */
  readonly pingAfter?: number
  /** As `serve --record DIR` and `serve --replay DIR`. */
  readonly record?: string
  readonly replay?: string
}

export interface ApiAnswer {
  readonly status: number
  readonly headers: Headers
  /** The JSON of the answer, or its text where it is no JSON. */
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape
  readonly body: any
}

/** The whole gateway in this process, over real sockets and a real store. */
export interface TestGateway {
  readonly url: string
  /** The same, unless ADMIN_ADDR is set. */
  readonly adminUrl: string
  /** The break-glass key: every scope. */
  readonly adminKey: string
  readonly dataFolder: string
  readonly configFolder: string
  readonly state: State
  /** The log's lines so far. */
  readonly log: readonly string[]
  /** What was printed at the start. */
  readonly printed: readonly string[]
  /** A call of the admin API with every scope, e.g. `api('POST', '/tenants', { slug: 'acme', plan: 'team' })`, held to what its route promises. */
  api(method: string, path: string, body?: unknown): Promise<ApiAnswer>
  /** Any call at all, with the given key as bearer. */
  call(method: string, path: string, options?: CallOptions): Promise<ApiAnswer>
  /** A new tenant and a key of its own. */
  tenant(slug: string, plan: string, overrides?: object): Promise<{ readonly id: string; readonly slug: string; readonly key: string }>
  stop(): Promise<void>
}

export interface CallOptions {
  readonly key?: string
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
}

export async function startGateway(options: GatewayOptions = {}): Promise<TestGateway> {
  const folder = mkdtempSync(join(tmpdir(), 'tollgate-gateway-'))
  const adminKey = randomBytes(24).toString('hex')
  const state = options.state ?? (await stateIn(join(folder, 'data')))
  const configFolder = configIn(folder, options.config ?? {})
  appendFileSync(join(configFolder, 'gateway.yaml'), state.config)
  const env = {
    ...{ ...environmentOf(folder, configFolder), ...state.env, TOLLGATE_ADMIN_KEY: adminKey },
    ...{ ...baseUrls(options.providers), ...options.env },
  }
  const log: string[] = []
  const printed: string[] = []
  const running = await serve({
    config: loadConfig({ folder: configFolder, env }),
    env,
    uptime: () => 0,
    record: options.record,
    replay: options.replay,
    print: (text) => printed.push(text),
    terminal: true,
    pingAfter: options.pingAfter,
    log: createLog({ destination: { write: (line) => void log.push(line) } }),
  })
  const call = (method: string, path: string, how: CallOptions = {}) =>
    request((path.startsWith('/admin/') ? running.adminUrl : running.url) + path, method, how)
  const api = async (method: string, path: string, body?: unknown) => {
    const answer = await call(method, `/admin/v1${path}`, { key: adminKey, body })
    holdToPromise(method, path, answer)
    return answer
  }
  return {
    url: running.url,
    adminUrl: running.adminUrl,
    adminKey,
    dataFolder: join(folder, 'data'),
    configFolder,
    state,
    log,
    printed,
    api,
    call,
    async tenant(slug, plan, overrides) {
      const tenant = expectOk(await api('POST', '/tenants', { slug, plan, ...(overrides && { overrides }) }))
      const { key } = expectOk(await api('POST', `/tenants/${slug}/keys`, {}))
      return { id: tenant.id, slug, key }
    },
    async stop() {
      await running.stop()
      if (!options.state) await state.drop()
      rmSync(folder, { recursive: true })
    },
  }
}

function configIn(folder: string, files: Readonly<Record<string, string>>): string {
  const config = join(folder, 'config')
  cpSync(resolve(import.meta.dirname, '../../config'), config, { recursive: true })
  for (const [name, text] of Object.entries(files)) writeFileSync(join(config, name), text)
  return config
}

function environmentOf(folder: string, config: string): Environment {
  return { TOLLGATE_DATA: join(folder, 'data'), TOLLGATE_CONFIG: config, PORT: '0', TOLLGATE_DEMO: 'off' }
}

function baseUrls(providers: GatewayOptions['providers'] = {}): Environment {
  const name = (id: string) => `TOLLGATE_${id.toUpperCase().replace(/[^A-Z0-9]/g, '_')}_BASE_URL`
  return Object.fromEntries(Object.entries(providers).map(([id, url]) => [name(id), url]))
}

async function request(url: string, method: string, { key, body, headers }: CallOptions): Promise<ApiAnswer> {
  const response = await fetch(url, {
    method,
    headers: {
      ...(key !== undefined && { authorization: `Bearer ${key}` }),
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  })
  return { status: response.status, headers: response.headers, body: parsed(await response.text()) }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

function expectOk({ status, body }: ApiAnswer): ApiAnswer['body'] {
  if (status >= 300) throw new Error(`The admin API answered ${status}: ${JSON.stringify(body)}`)
  return body
}
