import { randomBytes } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ByHand } from '../support/by-hand.ts'
import { anthropicSays, echoes, geminiSays } from '../support/echoing.ts'
import { type FakeProvider, startFakeProvider } from '../support/fake-provider.ts'
import { startGateway, type TestGateway } from '../support/gateway.ts'
import { startProcess } from '../support/process.ts'
import { completion } from '../support/relayed.ts'

// Keys that are like no other text go through a whole gateway, past providers that give them away in every way they can. Then
// everything the gateway has said, logged, counted and stored is searched for them.

const fresh = (prefix: string) => `${prefix}${randomBytes(24).toString('hex')}`
const canaries = {
  'the tenant’s OpenAI key': fresh('sk-proj-'),
  'the tenant’s Anthropic key': fresh('sk-ant-'),
  'the tenant’s Google key': fresh('AIza'),
  'the platform’s Groq key': fresh('gsk_'),
  'the replaced DeepSeek key': fresh('sk-'),
  'a key with odd characters': `${fresh('odd+/=%')}"`,
  'the master key': randomBytes(32).toString('base64'),
}
const rowsByHand = { 'a plain row written by hand': fresh('plain-') }

let provider: FakeProvider
let gateway: TestGateway
let hand: ByHand
/** Everything that came back, head and body. */
const said: string[] = []
const gatewayKeys: Record<string, string> = {}

beforeAll(async () => {
  provider = await startFakeProvider({ body: completion() })
  const ids = ['openai', 'anthropic', 'google', 'groq', 'deepseek', 'mistral', 'xai']
  gateway = await startGateway({
    providers: Object.fromEntries(ids.map((id) => [id, `${provider.origin}/${id}`])),
    env: { GROQ_API_KEY: canaries['the platform’s Groq key'], TOLLGATE_MASTER_KEYS: `k1:${canaries['the master key']}` },
  })
  hand = new ByHand(gateway)
  const tenant = await gateway.tenant('acme', 'enterprise')
  const service = await gateway.api('POST', '/service-keys', { name: 'app', tenants: ['*'], scopes: ['provider_keys'] })
  const admin = await gateway.api('POST', '/admin-keys', { name: 'second', scopes: ['tenants'] })
  Object.assign(gatewayKeys, { tenant: tenant.key, service: service.body.key, admin: admin.body.key, 'break-glass': gateway.adminKey })
  await store('openai', canaries['the tenant’s OpenAI key'])
  await store('anthropic', canaries['the tenant’s Anthropic key'])
  await store('google', canaries['the tenant’s Google key'])
  await store('deepseek', canaries['the replaced DeepSeek key'])
  await store('deepseek', fresh('sk-'))
  await store('xai', canaries['a key with odd characters'])
  await hand.setting(tenant.id, 'MISTRAL_API_KEY', rowsByHand['a plain row written by hand'])
  await hand.holds(tenant.key, 'mistral/any')
})

afterAll(async () => {
  await gateway.stop()
  await provider.close()
})

const store = (id: string, key: string) =>
  heard('PUT', `/admin/v1/tenants/acme/provider-keys/${id}`, { key: gateway.adminKey, body: { key } })

/** A call whose whole answer is kept for the search. */
async function heard(
  method: string,
  path: string,
  { key, body, headers = {} }: { key?: string; body?: unknown; headers?: Record<string, string> } = {},
) {
  const response = await fetch(gateway.url + path, {
    method,
    headers: { 'content-type': 'application/json', ...(key !== undefined && { authorization: `Bearer ${key}` }), ...headers },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })
  const text = await response.text()
  said.push(`${JSON.stringify([...response.headers])}\n${text}`)
  return { status: response.status, text }
}

const ask = (model: string, more: object = {}, headers: Record<string, string> = {}) =>
  heard('POST', '/v1/chat/completions', {
    key: gatewayKeys['tenant']!,
    headers,
    body: { model, messages: [{ role: 'user', content: 'Hello' }], ...more },
  })

describe('a key in clear is nowhere', () => {
  const models = [
    'openai/gpt-4o',
    'anthropic/claude-sonnet-4-5',
    'google/gemini-2.5-flash',
    'groq/llama-3.3-70b-versatile',
    'mistral/any',
    'xai/any',
  ]

  it('after good answers, whole and streamed, and explanations', async () => {
    for (const model of models) {
      provider.answer(model.startsWith('anthropic') ? anthropicSays : model.startsWith('google') ? geminiSays : { body: completion() })
      expect((await ask(model)).status, model).toBe(200)
      await ask(model, {}, { 'x-tollgate-explain': 'true' })
      await heard('GET', `/v1/explain?model=${model}`, { key: gatewayKeys['tenant']! })
      await heard('GET', `/admin/v1/explain?tenant=acme&model=${model}`, { key: gateway.adminKey })
    }
  })

  it.for(Object.entries(echoes))('after a provider that gives it back %s', async ([, script]) => {
    for (const model of models) {
      for (const stream of [false, true]) {
        provider.answer(script)
        await ask(model, { stream })
      }
    }
  })

  it('after probes and diagnoses by providers that give it back', async () => {
    for (const script of Object.values(echoes)) {
      provider.answer(script)
      for (const id of ['openai', 'anthropic', 'google', 'mistral']) {
        await heard('POST', `/admin/v1/tenants/acme/provider-keys/${id}/test`, { key: gateway.adminKey })
        await heard('POST', `/admin/v1/tenants/acme/provider-keys/${id}/diagnose`, { key: gateway.adminKey })
        await heard('POST', `/v1/provider-keys/${id}/test`, { key: gatewayKeys['tenant']! })
      }
    }
  })

  it('after requests that put a gateway key where none belongs', async () => {
    for (const key of Object.values(gatewayKeys).filter((text) => text.startsWith('sk-tg-'))) {
      await heard('GET', `/v1/${key}`, { key })
      await heard('GET', `/v1/models?key=${key}`)
      await heard('GET', `/v1/models/${key}`, { key })
      await ask(key)
      await ask(`openai/gpt-4o`, {}, { 'x-api-key': gatewayKeys['service']! })
      await ask('openai/gpt-4o', {}, { 'x-tenant-id': key })
    }
  })

  it('after everything an operator and a tenant can read', async () => {
    const admin = [
      '/tenants',
      '/tenants/acme',
      '/tenants/acme/keys',
      '/keys',
      '/service-keys',
      '/admin-keys',
      '/tenants/acme/provider-keys',
      '/requests',
      '/usage',
      '/audit',
      '/plans',
      '/models',
      '/providers',
      '/doctor',
    ]
    for (const path of admin) expect((await heard('GET', `/admin/v1${path}`, { key: gateway.adminKey })).status, path).toBe(200)
    for (const path of ['/key', '/usage', '/provider-keys', '/models'])
      expect((await heard('GET', `/v1${path}`, { key: gatewayKeys['tenant']! })).status, path).toBe(200)
    expect((await heard('GET', '/metrics', { key: gateway.adminKey })).text).toContain('tollgate_attempts_total')
  })

  it('in any answer, log line, metric, file of the data folder or word printed', async () => {
    const [{ id: keptId }] = await gateway.state.sql("SELECT id FROM tenants WHERE slug = 'acme'")
    await hand.settled(keptId)
    const stored = await gateway.state.stored()
    expect(Object.values(stored).join('').includes(keptId), 'rows of the tenant are where they are searched for').toBe(true)
    const places = {
      ...{ ...inAnswers(), 'the log': [gateway.log.join('')], 'what was printed': gateway.printed },
      ...{ ...files(gateway.dataFolder), ...lists(stored) },
    }
    const found: string[] = []
    for (const [place, texts] of Object.entries(places)) {
      for (const [name, secret] of Object.entries({ ...canaries, ...gatewayKeys })) {
        for (const [how, spelling] of spellings(secret))
          if (texts.some((text) => text.includes(spelling))) found.push(`${name}, ${how}, in ${place}`)
      }
    }
    expect(found).toEqual([])
  })

  it('but for a row that somebody wrote by hand, in the database alone', async () => {
    const [name, secret] = Object.entries(rowsByHand)[0]!
    const stored = Object.keys(await gateway.state.stored())
    const places = { ...inAnswers(), 'the log': [gateway.log.join('')], ...files(gateway.dataFolder) }
    const found = Object.entries(places).filter(([place, texts]) => !stored.includes(place) && texts.some((text) => text.includes(secret)))
    expect(found.map(([place]) => `${name} in ${place}`)).toEqual([])
  })
})

describe('a first run', () => {
  it('keeps its keys where it says, for its own user, and nowhere else', async () => {
    const running = await startProcess()
    try {
      await fetch(`${running.url}/v1/models`, { headers: { authorization: `Bearer ${running.key}` } }).then((response) => response.text())
      await fetch(`${running.url}/v1/${running.key}`).then((response) => response.text())
      const kept = Object.fromEntries(
        ['first-run.txt', 'master.key'].map((name) => {
          const path = join(running.dataFolder, name)
          return [name, { mode: statSync(path).mode & 0o777, secret: readFileSync(path, 'utf8').trim().split(/[\n:]/).at(-1)! }]
        }),
      )
      expect(Object.values(kept).map(({ mode }) => mode.toString(8))).toEqual(['600', '600'])
      const places = { ...files(running.dataFolder), 'the log': [running.logged()], 'what was printed': [running.printed()] }
      const secrets = {
        'the demo key': running.key,
        ...Object.fromEntries(Object.entries(kept).map(([name, { secret }]) => [name, secret])),
      }
      const found = Object.entries(secrets).flatMap(([name, secret]) =>
        Object.entries(places).flatMap(([place, texts]) =>
          spellings(secret).some(([, spelling]) => texts.some((text) => text.includes(spelling))) ? [`${name} in ${place}`] : [],
        ),
      )
      expect(found.sort()).toEqual(['first-run.txt in first-run.txt', 'master.key in master.key', 'the demo key in what was printed'])
    } finally {
      running.kill()
    }
  })
})

function inAnswers(): Record<string, string[]> {
  return Object.fromEntries(said.map((text, at) => [`answer ${at}: ${text}`, [text]]))
}

const lists = (texts: Record<string, string>): Record<string, string[]> =>
  Object.fromEntries(Object.entries(texts).map(([place, text]) => [place, [text]]))

/** Raw bytes, one character each; where all is in a database there may be none. */
function files(folder: string): Record<string, string[]> {
  if (!existsSync(folder)) return {}
  const names = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  return Object.fromEntries(names.map(({ name, parentPath }) => [name, [readFileSync(join(parentPath, name)).toString('latin1')]]))
}

/** In clear and in the codings that anything may apply on its way; base64 of a text inside another comes in three alignments. */
function spellings(secret: string): [string, string][] {
  const bytes = Buffer.from(secret)
  const shifted = [0, 1, 2].map((shift): [string, string] => {
    const coded = Buffer.concat([Buffer.alloc(shift), bytes]).toString('base64')
    return [`in base64 (${shift})`, coded.slice(shift === 0 ? 0 : 4, -4)]
  })
  return [
    ['in clear', bytes.toString('latin1')],
    ['for a URL', encodeURIComponent(secret)],
    ['in JSON', Buffer.from(JSON.stringify(secret).slice(1, -1)).toString('latin1')],
    ['in hex', bytes.toString('hex')],
    ['its first half', secret.slice(0, secret.length / 2)],
    ['its second half', secret.slice(secret.length / 2)],
    ...shifted,
  ]
}
