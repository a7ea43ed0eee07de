import { once } from 'node:events'
import { connect } from 'node:net'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { type Families, openFamilies } from '../support/families.ts'

// Targets as no well-behaved client sends them, written to the socket by hand: none of them may leave the provider's base URL.

let scene: Families

beforeAll(async () => {
  scene = await openFamilies(['openai'])
})
afterAll(() => scene.close())
beforeEach(() => {
  scene.provider.journal.length = 0
})

async function target(path: string, headers: Record<string, string> = {}, method = 'GET'): Promise<{ status: number; body: string }> {
  const { port } = new URL(scene.gateway.url)
  const socket = connect(Number(port), '127.0.0.1')
  const lines = Object.entries({ host: `127.0.0.1:${port}`, authorization: `Bearer ${scene.tenant.key}`, connection: 'close', ...headers })
  socket.write(
    Buffer.from([`${method} ${path} HTTP/1.1`, ...lines.map(([name, value]) => `${name}: ${value}`), '', ''].join('\r\n'), 'latin1'),
  )
  const chunks: Buffer[] = []
  socket.on('data', (chunk: Buffer) => void chunks.push(chunk))
  await once(socket, 'close')
  const text = Buffer.concat(chunks).toString()
  return { status: Number(text.slice(9, 12)), body: text.slice(text.indexOf('\r\n\r\n') + 4) }
}

const REFUSED = [
  '/providers/openai/files/..',
  '/providers/openai/./files',
  '/providers/openai/files/%2e%2e/%2E%2E/x',
  '/providers/openai/%2e%2e%2fadmin',
  '/providers/openai/files%2f..%2f..',
  '/providers/openai/files/%252e%252e/x',
  '/providers/openai/files%5c..%5cx',
  '/providers/openai//evil.example/x',
  '/providers/openai/files//x',
  '/providers/openai/..;/admin',
  '/providers/openai/files;a=b',
  '/providers/openai/files/%00',
  '/providers/openai/files/%0d%0aHost:%20evil',
  '/providers/openai/files/%7f',
  '/providers/openai/files/%c2%85',
  '/providers/openai/files/%ff',
  '/providers/openai/files/%c0%af',
  '/providers/openai/files/%zz',
  '/providers/openai/files/%EF%BC%8E%EF%BC%8E/x',
  '/providers/openai/files/%E2%80%A5',
  '/providers/openai/files/a%EF%BC%8Fb',
  '/providers/openai/files/%2',
  '/providers/openai/@evil.example/|x',
  '/t/families/providers/openai/files/..',
]

it.each(REFUSED)('is refused: %s', async (path) => {
  const { status, body } = await target(path)
  expect([status, JSON.parse(body).error.code]).toEqual([400, 'path_not_allowed'])
  expect(scene.provider.journal).toEqual([])
})

it.each([
  'http://evil.example/providers/openai/files',
  '//evil.example/providers/openai/files',
  '/providers/openai',
  '/providers/openai/files#x',
  '/providers/',
  '/providers/openai/../../admin',
  '/providers/openai/files\\..\\x',
  '/providers/openai/files/\xe4',
  '/providers/%6fpenai/files',
  '/Providers/openai/files',
  '/providers%2fopenai/files',
  '/x/../providers/openai/files',
  '/providers/openai%2f..%2f/files',
])('finds nothing to ask: %s', async (path) => {
  const { status } = await target(path)
  expect(status === 404 || status === 400, `${status}`).toBe(true)
  expect(scene.provider.journal).toEqual([])
})

it('takes what references write: dots in names, colons, trailing slashes, encoded blanks and letters', async () => {
  for (const path of [
    '/files/a..b',
    '/files/.hidden',
    '/models/x:generate',
    '/files/',
    '/files/a%20b/%E4%BD%A0',
    '/files?x=../..&y=%2e%2e%2f',
  ]) {
    expect((await target(`/providers/openai${path}`)).status, path).toBe(200)
    expect(scene.provider.journal.at(-1)?.path).toBe(`/openai/v1${path}`)
  }
})

it.each(['key', 'api_key', 'API-KEY', 'access_token', 'k%65y'])('refuses a credential in the query: %s', async (name) => {
  const { status, body } = await target(`/providers/openai/files?a=1&${name}=sk-123`)
  expect([status, JSON.parse(body).error.code]).toEqual([400, 'invalid_value'])
  expect(body).not.toContain('sk-123')
  expect(scene.provider.journal).toEqual([])
})

it('refuses to become another protocol, and other methods', async () => {
  const upgraded = await target('/providers/openai/realtime', { connection: 'Upgrade, close', upgrade: 'websocket' })
  expect([upgraded.status, JSON.parse(upgraded.body).error.code]).toEqual([400, 'invalid_header'])
  for (const method of ['TRACE', 'PROPFIND', 'PURGE']) expect((await target('/providers/openai/files', {}, method)).status).toBe(405)
  expect((await target('/providers/openai/files', {}, 'OPTIONS')).status).toBe(204)
  expect(scene.provider.journal).toEqual([])
})

it('forwards no header that the connection or the gateway owns', async () => {
  const smuggled = {
    te: 'trailers',
    'x-tollgate-pay': 'tenant',
    'proxy-authorization': 'Basic eDp5',
    'x-api-key': 'sk-x',
    'x-forwarded-host': 'evil',
    forwarded: 'for=1',
  }
  expect((await target('/providers/openai/files', { ...smuggled, connection: 'close, x-tollgate-pay' })).status).toBe(200)
  const { headers } = scene.provider.journal.at(-1)!
  expect(Object.keys(headers).sort()).toEqual(
    ['accept-encoding', 'authorization', 'connection', 'host', 'user-agent', 'x-tollgate-hop'].sort(),
  )
})
