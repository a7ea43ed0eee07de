import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type FakeProvider, startFakeProvider } from '../support/fake-provider.ts'
import { startGateway, type TestGateway } from '../support/gateway.ts'

const ANSWER = {
  id: 'chatcmpl-1',
  object: 'chat.completion',
  choices: [{ index: 0, message: { role: 'assistant', content: 'Hi' }, finish_reason: 'stop' }],
}
const ROUTES = `routes:
  by-header:
    candidates:
      - { model: openai/gpt-5-mini, when: { headers: { x-feature: search } } }
      - groq/llama-3.3-70b-versatile
  by-metadata:
    candidates:
      - { model: openai/gpt-5-mini, when: { metadata: { team: red } } }
      - groq/llama-3.3-70b-versatile
  sticky: { sticky: true, candidates: [openai/gpt-5-mini, groq/llama-3.3-70b-versatile] }
`

let gateway: TestGateway
let provider: FakeProvider
let key: string
beforeAll(async () => {
  provider = await startFakeProvider({ body: ANSWER })
  gateway = await startGateway({
    env: { OPENAI_API_KEY: 'sk-one-4Hd8sK2mQ7xZ1vB6', GROQ_API_KEY: 'gsk_two-4Hd8sK2mQ7xZ1vB6' },
    providers: { openai: `${provider.origin}/v1`, groq: `${provider.origin}/v1` },
    config: { 'models.yaml': ROUTES },
  })
  key = (await gateway.tenant('acme', 'enterprise')).key
})
afterAll(async () => {
  await gateway.stop()
  await provider.close()
})

const user = (content: string) => ({ role: 'user', content })
async function served(model: string, more: { headers?: Record<string, string>; body?: object } = {}): Promise<string | null> {
  const body = { model, messages: [user('Hi')], ...more.body }
  const { headers } = await gateway.call('POST', '/v1/chat/completions', { key, body, ...(more.headers && { headers: more.headers }) })
  expect(headers.get('x-tollgate-route')).toBe(model)
  return headers.get('x-tollgate-provider')
}

it('a condition reads the header and the metadata of the request', async () => {
  expect(await served('by-header', { headers: { 'X-Feature': 'search' } })).toBe('openai')
  expect(await served('by-header')).toBe('groq')
  expect(await served('by-metadata', { body: { metadata: { team: 'red' } } })).toBe('openai')
  expect(await served('by-metadata', { body: { metadata: { team: 'blue' } } })).toBe('groq')
})

it('explain takes what a route goes by, and agrees', async () => {
  const explained = async (query: string) => (await gateway.api('GET', `/explain?tenant=acme&${query}`)).body.offers[0].provider
  expect(await explained('model=by-header&headers=x-feature:search')).toBe('openai')
  expect(await explained('model=by-metadata&metadata=team:blue')).toBe('groq')
})

it('a session keeps to one candidate: by its header, its user, or how the conversation begins, whatever follows', async () => {
  const all = async (requests: Parameters<typeof served>[1][]) => new Set(await Promise.all(requests.map((more) => served('sticky', more))))
  const turns = [[], [{ role: 'assistant', content: 'Hi "there" ]' }, user('More')], [{ role: 'assistant', content: 'Hm' }, user('Again')]]
  const begun = (first: string) =>
    turns.map((rest) => ({ body: { messages: [{ role: 'system', content: 'Be [brief], "please".' }, user(first), ...rest] } }))
  for (const one of Array.from({ length: 10 }, (_, at) => `conversation ${at}`)) {
    expect((await all(begun(one))).size, one).toBe(1)
    expect((await all(begun('Hi').map((request) => ({ ...request, headers: { 'x-session-id': one } })))).size).toBe(1)
  }
  const many = Array.from({ length: 20 }, (_, at) => ({ body: { messages: [user(`conversation ${at}`)] } }))
  expect(await all(many)).toEqual(new Set(['openai', 'groq']))
  const users = Array.from({ length: 20 }, (_, at) => ({ body: { user: `u${at}` } }))
  expect(await all(users)).toEqual(new Set(['openai', 'groq']))
})

it('a changed route is in force without a restart, and one that is wrong leaves the last', async () => {
  const file = join(gateway.configFolder, 'models.yaml')
  const swapped = ROUTES.replace('x-feature: search', 'x-feature: chat')
  writeFileSync(file, swapped)
  await expect.poll(() => served('by-header', { headers: { 'x-feature': 'chat' } }), { timeout: 5_000 }).toBe('openai')
  writeFileSync(file, swapped.replace('headers:', 'haeders:'))
  await expect.poll(() => gateway.log.join('\n'), { timeout: 5_000 }).toMatch(/models\.yaml:4 .*haeders/)
  expect(await served('by-header', { headers: { 'x-feature': 'chat' } })).toBe('openai')
})
