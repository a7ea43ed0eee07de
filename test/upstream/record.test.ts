import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { providerId } from '../../src/contract/ids.ts'
import type { Upstream } from '../../src/contract/upstream.ts'
import { createGuard } from '../../src/upstream/guard.ts'
import type { After } from '../../src/upstream/playback.ts'
import { recording } from '../../src/upstream/record.ts'
import { type Recording, recordingShape } from '../../src/upstream/recording.ts'
import { replaying } from '../../src/upstream/replay.ts'
import { createUpstream } from '../../src/upstream/send.ts'
import { type Outcome, requestTo, run, testProvider } from '../support/exchange.ts'
import { startFakeProvider } from '../support/fake-provider.ts'

const KEY = 'sk-test-0123456789abcdef'
const SHARED = resolve(import.meta.dirname, '../../../shared/recordings')

const after: After = (ms, task) => {
  const timer = setTimeout(task, ms)
  return () => clearTimeout(timer)
}
const now = (): number => performance.now()

const folders: string[] = []
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true })
})

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 'tollgate-recordings-'))
  folders.push(made)
  return made
}

const failOn = (error: unknown): void => expect.fail(String(error))

function recordingTo(dir: string, report: (error: unknown) => void = failOn): Upstream {
  const sockets = createUpstream({ guard: createGuard(), limits: { frameBytes: 1 << 20, headerBytes: 1 << 16 }, now, instance: 'g' })
  return recording(sockets, { dir, report })
}

const filesIn = (dir: string): string[] => readdirSync(dir).sort()
const readRecording = (dir: string, file = filesIn(dir)[0] ?? ''): Recording =>
  recordingShape.parse(JSON.parse(readFileSync(join(dir, file), 'utf8')))

/** What a client can tell two answers apart by. */
const seen = ({ status, body, error }: Outcome): unknown[] => [status, body, error?.code]

describe('recording and replaying', () => {
  it('gives back the very bytes, streamed and not', async () => {
    const dir = folder()
    const fake = await startFakeProvider(({ body }) =>
      JSON.parse(body.toString()).stream
        ? { events: [{ delta: 'żó' }, { delta: 'łć' }, '[DONE]'] }
        : { status: 201, body: '{ "odd" : 1e400 }' },
    )
    const way = recordingTo(dir)
    const asks = [false, true].map((stream) => requestTo(`${fake.origin}/v1`, { stream, json: { stream, messages: ['ż'] } }))
    const first = [await run(way, asks[0]!).outcome, await run(way, asks[1]!).outcome]
    await Promise.all([way.close(), fake.close()])

    const player = replaying({ dir, now, after })
    const second = [await run(player, asks[0]!).outcome, await run(player, asks[1]!).outcome]
    expect(second.map(seen)).toEqual(first.map(seen))
    expect(second[1]?.headers['content-type']).toBe('text/event-stream')
    expect(second[1]?.chunks.length).toBe(3)
  })

  it('keeps bytes that are no text, and where a provider broke off', async () => {
    const dir = folder()
    const bytes = Buffer.from([0xff, 0x00, 0xfe, 0x0a])
    const fake = await startFakeProvider([{ body: bytes }, { chunks: ['data: half\n\n', 50], end: 'reset' }])
    const way = recordingTo(dir)
    const [binary, broken] = [requestTo(fake.origin, { json: { at: 1 } }), requestTo(fake.origin, { json: { at: 2 }, stream: true })]
    await run(way, binary).outcome
    expect(seen(await run(way, broken).outcome)).toEqual([200, 'data: half\n\n', 'upstream_disconnected'])
    await Promise.all([way.close(), fake.close()])

    const player = replaying({ dir, now, after })
    expect(Buffer.concat((await run(player, binary).outcome).chunks)).toEqual(bytes)
    expect(seen(await run(player, broken).outcome)).toEqual([200, 'data: half\n\n', 'upstream_disconnected'])
  })

  it('plays answers to one question in the order they came', async () => {
    const dir = folder()
    const fake = await startFakeProvider(Array.from({ length: 11 }, (_, at) => ({ body: `answer ${at}` })))
    const way = recordingTo(dir)
    for (let at = 0; at < 11; at += 1) await run(way, requestTo(fake.origin)).outcome
    await Promise.all([way.close(), fake.close()])

    const player = replaying({ dir, now, after })
    const bodies: string[] = []
    for (let at = 0; at < 12; at += 1) bodies.push((await run(player, requestTo(fake.origin)).outcome).body)
    expect(bodies).toEqual([...Array.from({ length: 11 }, (_, at) => `answer ${at}`), 'answer 10'])
  })

  it('finds a recording whatever the order of keys, the white space, the host and the key', async () => {
    const dir = folder()
    const fake = await startFakeProvider({ body: 'found' })
    const way = recordingTo(dir)
    await run(way, requestTo(`${fake.origin}/v1`, { json: { model: 'm', n: 1, id: 1 } })).outcome
    await Promise.all([way.close(), fake.close()])

    const player = replaying({ dir, now, after })
    const other = { ...requestTo('https://api.example.com/v1/', { headers: { authorization: 'Bearer sk-another-key-00000' } }) }
    expect((await run(player, { ...other, body: Buffer.from('{ "id":1,\n"n":1, "model":"m" }') }).outcome).body).toBe('found')
  })

  it('tells two large numbers apart that JavaScript does not', async () => {
    const dir = folder()
    const fake = await startFakeProvider({ body: 'found' })
    const way = recordingTo(dir)
    const asked = (digits: string) => ({ ...requestTo(fake.origin), body: Buffer.from(`{"id":${digits}}`) })
    await run(way, asked('12345678901234567890')).outcome
    await Promise.all([way.close(), fake.close()])

    const player = replaying({ dir, now, after })
    expect((await run(player, asked('12345678901234567890')).outcome).body).toBe('found')
    expect((await run(player, asked('12345678901234567891')).outcome).error?.code).toBe('no_recording')
  })
})

describe('a recording', () => {
  it('holds no secret, wherever the provider or the client put it', async () => {
    const dir = folder()
    const fake = await startFakeProvider({ headers: { 'x-echo': `key ${KEY}`, 'set-cookie': 'session=1' }, body: { echo: KEY } })
    const way = recordingTo(dir)
    const request = requestTo(fake.origin, { path: `/chat/completions?k=${KEY}`, json: { text: `my key is ${KEY}` } })
    expect((await run(way, request).outcome).body).toContain(KEY)
    await Promise.all([way.close(), fake.close()])

    expect(readFileSync(join(dir, filesIn(dir)[0]!), 'utf8')).not.toContain('0123456789')
    const { request: asked, response } = readRecording(dir)
    expect([asked?.headers['authorization'], response.headers['set-cookie']]).toEqual(['REDACTED', 'REDACTED'])
    expect((await run(replaying({ dir, now, after }), request).outcome).status).toBe(200)
  })

  it('has the shape of the shared ones, and no header that tells of the wire', async () => {
    const dir = folder()
    const fake = await startFakeProvider({ body: { ok: true } })
    const way = recordingTo(dir)
    await run(way, requestTo(`${fake.origin}/v1`)).outcome
    await Promise.all([way.close(), fake.close()])
    const recorded = readRecording(dir)
    expect(recorded).toMatchObject({
      provider: 'acme',
      api: 'acme.openai-chat',
      stream: false,
      request: { method: 'POST', url: `${fake.origin}/v1/chat/completions`, body: '{"model":"m"}' },
      response: { status: 200, body: '{"ok":true}' },
    })
    expect(Object.keys(recorded.response.headers)).not.toContain('transfer-encoding')
  })

  it('is not made of an answer nobody waited for, nor where nothing was answered', async () => {
    const dir = folder()
    const fake = await startFakeProvider({ events: ['one'], end: 'never' })
    const way = recordingTo(dir)
    const { exchange, headers } = run(way, requestTo(fake.origin, { stream: true }))
    await headers
    exchange.cancel()
    await fake.close()
    expect((await run(way, requestTo(fake.origin)).outcome).error?.code).toBe('upstream_unreachable')
    await way.close()
    expect(filesIn(dir)).toEqual([])
  })

  it('that cannot be written costs the caller nothing, and the operator hears of it', async () => {
    const dir = folder()
    const reported: unknown[] = []
    const fake = await startFakeProvider({ body: 'fine' })
    const way = recordingTo(dir, (error) => reported.push(error))
    rmSync(dir, { recursive: true })
    writeFileSync(dir, '')
    expect((await run(way, requestTo(fake.origin)).outcome).body).toBe('fine')
    await Promise.all([way.close(), fake.close()])
    expect(reported).toMatchObject([{ code: 'ENOTDIR' }])
  })
})

describe('no recording', () => {
  const asked = requestTo('https://x/v1', { json: { model: 'm', messages: [{ role: 'user', content: 'hello' }] } })
  const recorded = (content: string, rest: object = {}): string =>
    JSON.stringify({
      provider: 'acme',
      api: 'acme.chat',
      stream: false,
      request: {
        method: 'POST',
        url: 'https://x/v1/chat/completions',
        headers: {},
        body: JSON.stringify({ model: 'm', messages: [{ role: 'user', content }] }),
      },
      response: { status: 200, headers: {}, body: '{}' },
      ...rest,
    })

  it('names the nearest and where it parts', async () => {
    const dir = folder()
    writeFileSync(join(dir, 'other-provider.json'), recorded('hello', { provider: 'other' }))
    writeFileSync(join(dir, 'near.json'), recorded('hullo'))
    writeFileSync(join(dir, 'answer-only.json'), recorded('hello', { request: null }))
    writeFileSync(join(dir, 'manifest.json'), '[]')
    const { error, sent } = await run(replaying({ dir, now, after }), asked).outcome
    expect([error?.code, error?.status, sent]).toEqual(['no_recording', 502, false])
    expect(error?.message).toContain(
      'The nearest of 2 is near.json; it differs at body.messages[0].content: "hello" was asked, "hullo" is recorded',
    )
    expect(error?.details.metadata).toEqual({ nearest: 'near.json', difference: 'body.messages[0].content' })
  })

  it('says so of an empty folder, and nothing to who has left', async () => {
    const player = replaying({ dir: folder(), now, after })
    const left = run(player, asked)
    left.exchange.cancel()
    expect((await run(player, asked).outcome).error?.message).toContain('the folder holds none')
    expect(left.sofar.error).toBeUndefined()
  })
})

describe.skipIf(!existsSync(SHARED))('the shared recordings', () => {
  it('are all played back by their own requests', async () => {
    const player = replaying({ dir: SHARED, now, after })
    const files = readdirSync(SHARED, { recursive: true, encoding: 'utf8' }).filter(
      (file) => file.endsWith('.json') && file !== 'MANIFEST.json',
    )
    let played = 0
    for (const file of files) {
      const { provider, stream, request, response } = readRecording(SHARED, file)
      if (request === null) continue
      const url = new URL(request.url)
      const outcome = await run(player, {
        ...requestTo(url.origin, {
          provider: testProvider({ id: providerId(provider) }),
          path: url.pathname + url.search,
          stream,
          headers: {},
        }),
        // A type of ours: recordings know GET and POST only.
        method: request.method === 'GET' ? 'GET' : 'POST',
        body: Buffer.from(request.body),
      }).outcome
      expect([file, outcome.error?.message, outcome.status]).toEqual([file, undefined, response.status])
      played += 1
    }
    expect(played).toBe(files.length - 15)
  })
})
