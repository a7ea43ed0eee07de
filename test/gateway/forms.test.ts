import { once } from 'node:events'
import { type ClientRequest, createServer, type IncomingMessage, request, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { until } from '../support/by-hand.ts'
import { type Families, openFamilies } from '../support/families.ts'

// A form on its way: read by the gateway while it is sent on, so the provider here tells what it has of it at any moment.

const MOST = 1024 * 1024
const SOUND = Buffer.from(Array.from({ length: 100_000 }, (_, at) => (at * 7919) % 256))
const MODEL = '--cut\r\nContent-Disposition: form-data; name="model"\r\n\r\nopenai/whisper-1\r\n'
const FILE = '--cut\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n'
const END = '\r\n--cut--\r\n'

let server: Server
let scene: Families
const heard: { bytes: Buffer; headers: IncomingMessage['headers']; broken: boolean }[] = []

beforeAll(async () => {
  server = createServer((incoming, response) => {
    const one = { bytes: Buffer.alloc(0), headers: incoming.headers, broken: false }
    heard.push(one)
    incoming.on('data', (chunk: Buffer) => {
      one.bytes = Buffer.concat([one.bytes, chunk])
    })
    incoming.on('end', () => response.setHeader('content-type', 'application/json').end('{"text":"ok"}'))
    incoming.on('error', () => {
      one.broken = true
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`
  scene = await openFamilies(['openai'], { providers: { openai: origin }, config: { 'gateway.yaml': 'sizes: { body: 1MiB }\n' } })
})
afterAll(async () => {
  await scene.close()
  server.close()
})
beforeEach(() => {
  heard.length = 0
})

function upload(headers: Record<string, string | number> = {}): ClientRequest {
  const { gateway, tenant } = scene
  return request(`${gateway.url}/v1/audio/transcriptions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${tenant.key}`, 'content-type': 'multipart/form-data; boundary=cut', ...headers },
  })
}

const arrived = (bytes: number) =>
  until(`${bytes} bytes to reach the provider`, () => ((heard[0]?.bytes.length ?? 0) >= bytes ? true : undefined))

async function answered(sent: ClientRequest): Promise<{ status: number | undefined; code: string | undefined }> {
  const [response] = (await once(sent, 'response')) as [IncomingMessage]
  const chunks: Buffer[] = []
  for await (const chunk of response) chunks.push(chunk as Buffer)
  return { status: response.statusCode, code: JSON.parse(Buffer.concat(chunks).toString()).error?.code }
}

it('reaches the provider while the client still sends', async () => {
  const sent = upload()
  sent.write(MODEL + FILE)
  sent.write(SOUND)
  await arrived((MODEL + FILE).length - 'openai/'.length + SOUND.length - 16)
  sent.end(END)
  expect(await answered(sent)).toEqual({ status: 200, code: undefined })
  const expected = Buffer.concat([Buffer.from(MODEL.replace('openai/', '') + FILE), SOUND, Buffer.from(END)])
  expect(heard[0]?.bytes.equals(expected), 'the form with the wire model, every other byte as it was').toBe(true)
})

it('keeps its length in step with the model’s name', async () => {
  const whole = Buffer.concat([Buffer.from(FILE), SOUND, Buffer.from(`\r\n${MODEL}--cut--\r\n`)])
  const sent = upload({ 'content-length': whole.length })
  sent.end(whole)
  expect((await answered(sent)).status).toBe(200)
  expect(heard[0]?.headers['content-length']).toBe(String(whole.length - 'openai/'.length))
})

it('stops where its client leaves, and is booked as what nobody knows the price of', async () => {
  const sent = upload()
  sent.on('error', () => undefined)
  sent.write(MODEL + FILE)
  sent.write(SOUND)
  await arrived(SOUND.length)
  const before = (await scene.hand.booked(scene.tenant.id)).length
  sent.destroy()
  await until('the provider to be left', () => (heard[0]?.broken ? true : undefined))
  const rows = await scene.hand.settled(scene.tenant.id, before)
  expect(rows.at(-1)).toMatchObject({ outcome: { code: 'client_closed_request' }, cost: null })
})

it('is never whole for a provider where it names a second model', async () => {
  const sent = upload()
  sent.write(MODEL + FILE)
  sent.write(SOUND)
  await arrived(SOUND.length)
  sent.end(`\r\n${MODEL.replace('whisper-1', 'gpt-4o-transcribe')}--cut--\r\n`)
  expect(await answered(sent)).toEqual({ status: 400, code: 'duplicate_key' })
  await until('the provider to be left', () => (heard[0]?.broken ? true : undefined))
  expect(heard[0]?.bytes.includes('gpt-4o-transcribe')).toBe(false)
})

it('is refused as too large before its model is known, and after', async () => {
  const much = Buffer.alloc(MOST + 1)
  const modelLast = upload()
  modelLast.on('error', () => undefined)
  modelLast.write(FILE)
  modelLast.end(much)
  expect(await answered(modelLast)).toEqual({ status: 413, code: 'request_too_large' })
  expect(heard).toEqual([])
  const modelFirst = upload()
  modelFirst.on('error', () => undefined)
  modelFirst.write(MODEL + FILE)
  modelFirst.end(much)
  expect(await answered(modelFirst)).toEqual({ status: 413, code: 'request_too_large' })
})

it('is judged before its file is read', async () => {
  const sent = upload({ 'x-tollgate-explain': 'true' })
  sent.write(MODEL + FILE)
  const [response] = (await once(sent, 'response')) as [IncomingMessage]
  expect(response.statusCode).toBe(200)
  response.resume()
  sent.end(END)
  expect(heard).toEqual([])
})
