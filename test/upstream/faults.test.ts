import { type AddressInfo, createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { inspect } from 'node:util'
import { brotliCompressSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib'
import { afterEach, describe, expect, it } from 'vitest'
import type { Upstream } from '../../src/contract/upstream.ts'
import { createGuard } from '../../src/upstream/guard.ts'
import { createUpstream } from '../../src/upstream/send.ts'
import {
  type Behaviour,
  behaviours,
  CHUNKED,
  type ChaosProvider,
  chunk,
  json,
  OPEN_ENDED,
  startChaosProvider,
} from '../support/chaos-provider.ts'
import { type Asked, type Outcome, requestTo, run } from '../support/exchange.ts'

// The fault table, row by row, on raw sockets: what each fault is called, and whether the request may have been processed.

const opened: { close(): Promise<void> }[] = []
afterEach(async () => {
  await Promise.all(opened.splice(0).map((one) => one.close()))
})

async function chaos(behaviour: Behaviour): Promise<ChaosProvider> {
  const made = await startChaosProvider(behaviour)
  opened.push(made)
  return made
}

function upstream(): Upstream {
  const limits = { frameBytes: 1024 * 1024, headerBytes: 64 * 1024, answerBytes: 4 * 1024 * 1024 }
  const made = createUpstream({ guard: createGuard(), limits, now: () => performance.now(), instance: 'g' })
  opened.push(made)
  return made
}

async function answerTo(behaviour: Behaviour, asked: Asked = {}): Promise<Outcome> {
  const { origin } = await chaos(behaviour)
  return run(upstream(), requestTo(origin, { stream: true, ...asked })).outcome
}

/** What a failure tells, as one comparable line. */
const told = ({ error, sent }: Outcome): unknown[] => [error?.code, error?.retry, sent]

const UNREACHABLE = ['upstream_unreachable', true, false]
const BROKEN = ['upstream_protocol_error', false, true]
const LOST = ['upstream_disconnected', false, true]

describe('a provider that cannot be reached', () => {
  it('refuses the connection', async () => {
    const { origin, close } = await startChaosProvider(behaviours.silence())
    await close()
    const outcome = await run(upstream(), requestTo(origin)).outcome
    expect(told(outcome)).toEqual(UNREACHABLE)
    expect(outcome.error?.details.metadata).toEqual({ reason: 'ECONNREFUSED' })
  })

  it('has no address', async () => {
    expect(told(await run(upstream(), requestTo('http://no-such-host.invalid')).outcome)).toEqual(UNREACHABLE)
  })

  it('speaks no TLS where TLS is due, and is never spoken to in the clear', async () => {
    const plain = createServer((socket) => {
      socket
        .on('error', () => undefined)
        .once('data', (bytes: Buffer) => {
          received.push(bytes.toString('latin1'))
          socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')
        })
    })
    const received: string[] = []
    await new Promise<void>((resolve) => plain.listen(0, '127.0.0.1', resolve))
    opened.push({ close: async () => void plain.close() })
    const { port } = plain.address() as AddressInfo
    expect(told(await run(upstream(), requestTo(`https://127.0.0.1:${port}`)).outcome)).toEqual(UNREACHABLE)
    expect(received.length).toBe(1)
    expect(received.join()).not.toContain('POST')
  })

  it('has no usable base URL', async () => {
    expect(told(await run(upstream(), requestTo('nowhere')).outcome)).toEqual(['upstream_unreachable', false, false])
  })
})

describe('a provider that breaks off', () => {
  it.each([
    ['RST before its headers', behaviours.saysThenResets()],
    ['FIN before its headers', behaviours.saysThenFinishes()],
    ['RST in the middle of a stream', behaviours.saysThenResets(CHUNKED, chunk('data: one\n\n'))],
    ['FIN in the middle of a chunked stream', behaviours.saysThenFinishes(CHUNKED, chunk('data: one\n\n'))],
    [
      'FIN in the middle of a chunked stream on a socket it meant to close',
      behaviours.saysThenFinishes(CHUNKED.replace('\r\n\r\n', '\r\nconnection: close\r\n\r\n'), chunk('data: one\n\n')),
    ],
    ['FIN before the announced length', behaviours.saysThenFinishes(json('{"a":1}').slice(0, -3))],
  ])('%s', async (_name, behaviour) => {
    expect(told(await answerTo(behaviour))).toEqual(LOST)
  })

  it('hands over what came before the break', async () => {
    const outcome = await answerTo(behaviours.saysThenFinishes(CHUNKED, chunk('data: one\n\n')))
    expect([outcome.status, outcome.body]).toEqual([200, 'data: one\n\n'])
  })

  it('ends well where the answer lasts as long as the socket', async () => {
    const outcome = await answerTo(behaviours.saysThenFinishes(OPEN_ENDED, 'data: one\n\n', 'data: [DONE]\n\n'))
    expect([outcome.error, outcome.body]).toEqual([undefined, 'data: one\n\ndata: [DONE]\n\n'])
  })
})

describe('a provider whose answer cannot be believed', () => {
  it.each([
    ['no HTTP at all', behaviours.says('SSH-2.0-OpenSSH_9.6\r\n')],
    ['a content-length twice', behaviours.says('HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\n{}')],
    [
      'length and chunks at once',
      behaviours.says('HTTP/1.1 200 OK\r\ncontent-length: 2\r\ntransfer-encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n'),
    ],
    ['a header of 10 MB', behaviours.hugeHeader(10 * 1024 * 1024)],
    ['ten thousand headers', behaviours.says(`HTTP/1.1 200 OK\r\n${'x-many: header\r\n'.repeat(10_000)}\r\n`)],
    ['a bad chunk size', behaviours.says(CHUNKED, 'zz\r\nboo\r\n')],
    ['a line without end', behaviours.endlessLine()],
    ['informational answers without end', behaviours.says('HTTP/1.1 103 Early Hints\r\n\r\n'.repeat(40))],
    ['a content coding nobody knows', behaviours.compressed('rot13', Buffer.from('uryyb'))],
    ['codings stacked', behaviours.compressed('gzip, gzip', gzipSync(gzipSync('hello')))],
    ['gzip that is none', behaviours.compressed('gzip', Buffer.from('hello'))],
  ])('%s', async (_name, behaviour) => {
    expect(told(await answerTo(behaviour))).toEqual(BROKEN)
  })

  it.each([301, 302, 303, 307, 308, 304])('a redirect, %d, is not followed', async (status) => {
    const thief = await chaos(behaviours.says(json('{}')))
    expect(told(await answerTo(behaviours.redirect(`${thief.origin}/v1`, status)))).toEqual(BROKEN)
    await sleep(30)
    expect(thief.journal).toEqual([])
  })

  it('an answer without end, where none is streamed', async () => {
    const endless: Behaviour = async (wire) => {
      await wire.send('HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n')
      while (!wire.gone) await wire.send('{"a":1}\n'.repeat(8192))
    }
    const outcome = await answerTo(endless, { stream: false })
    expect(told(outcome)).toEqual(BROKEN)
    expect(outcome.body.length).toBeLessThanOrEqual(4 * 1024 * 1024)
  })

  it('a 101 or 100 nobody asked for', async () => {
    for (const line of ['101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade', '100 Continue']) {
      expect((await answerTo(behaviours.says(`HTTP/1.1 ${line}\r\n\r\n`))).error?.status).toBe(502)
    }
  })

  it('a compressed bomb is stopped long before it unfolds', async () => {
    const outcome = await answerTo(behaviours.compressed('gzip', gzipSync(Buffer.alloc(64 * 1024 * 1024, '\n'))))
    expect(told(outcome)).toEqual(BROKEN)
    expect(outcome.body.length).toBeLessThan(8 * 1024 * 1024)
  })
})

describe('a provider with odd manners', () => {
  it.each([
    ['gzip', gzipSync],
    ['deflate', deflateSync],
    ['br', brotliCompressSync],
    ['zstd', zstdCompressSync],
  ])('compresses (%s) although identity was asked', async (coding, compress) => {
    const text = JSON.stringify({ text: 'żółć '.repeat(5000), at: Array.from({ length: 3000 }, (_, at) => at * 7919) })
    const outcome = await answerTo(behaviours.compressed(coding, compress(Buffer.from(text))))
    expect([outcome.error, outcome.body === text]).toEqual([undefined, true])
    expect(Object.keys(outcome.headers)).not.toContain('content-encoding')
    expect(Object.keys(outcome.headers)).not.toContain('content-length')
  })

  it('compresses, to a reader who pauses at every turn', async () => {
    const text = JSON.stringify(Array.from({ length: 100_000 }, (_, at) => (at * 7919) % 100_003))
    const { origin } = await chaos(behaviours.compressed('gzip', gzipSync(text)))
    const running = run(upstream(), requestTo(origin), () => {
      running.exchange.pause()
      setTimeout(() => running.exchange.resume(), 1)
    })
    // Before there is anything to pause.
    running.exchange.pause()
    await sleep(50)
    running.exchange.resume()
    const { error, body } = await running.outcome
    expect([error, body === text]).toEqual([undefined, true])
  })

  it('answers byte by byte', async () => {
    const answer = json('{"text":"żółć"}')
    expect((await answerTo(behaviours.inPieces(answer, { size: 1 }))).body).toBe('{"text":"żółć"}')
  })

  it('answers HTML, or half a JSON: those are its words, and they pass', async () => {
    const html = await answerTo(behaviours.html())
    expect([html.status, html.body, html.error]).toEqual([502, '<html>bad gateway</html>', undefined])
    expect((await answerTo(behaviours.truncatedJson())).error).toBeUndefined()
  })

  it('sends early hints first', async () => {
    const outcome = await answerTo(behaviours.says(`HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n${json('{}')}`))
    expect([outcome.status, outcome.body]).toEqual([200, '{}'])
  })

  it('sends comments forever, which are no progress', async () => {
    const outcome = await answerTo(behaviours.commentsForever(30), { deadlines: { progress: 250 } })
    expect(outcome.error?.details.metadata).toEqual({ deadline: 'progress', limit_ms: 250 })
  })
})

describe('a socket used before', () => {
  it('is not trusted once it said something unasked', async () => {
    const provider = await chaos(behaviours.says(json('{"for":"first"}'), json('{"for":"nobody"}')))
    const way = upstream()
    expect((await run(way, requestTo(provider.origin)).outcome).body).toBe('{"for":"first"}')
    await sleep(30)
    provider.behave(behaviours.says(json('{"for":"second"}')))
    expect((await run(way, requestTo(provider.origin)).outcome).body).toBe('{"for":"second"}')
    expect(provider.connections()).toBe(2)
  })

  it('closed by the provider as it goes idle, is replaced, and nothing is sent twice', async () => {
    const provider = await chaos(behaviours.saysThenFinishes(json('{}')))
    const way = upstream()
    for (let at = 0; at < 200; at += 1) {
      const { error } = await run(way, requestTo(provider.origin, { json: { at } })).outcome
      expect(error).toBeUndefined()
    }
    expect(provider.journal.map((request) => JSON.parse(request.slice(request.indexOf('\r\n\r\n'))).at)).toEqual(
      Array.from({ length: 200 }, (_, at) => at),
    )
  })

  it('closed just as the next request is written, counts as sent: nobody can tell', async () => {
    const provider = await chaos((wire) => (wire.turn === 1 ? wire.send(json('{}')) : wire.reset()))
    const way = upstream()
    await run(way, requestTo(provider.origin)).outcome
    await sleep(10)
    expect(told(await run(way, requestTo(provider.origin)).outcome)).toEqual(LOST)
    expect(provider.journal.length).toBe(2)
  })

  it('brings each caller only its own answer, whoever leaves', async () => {
    const provider = await chaos(async (wire) => {
      const { nonce } = JSON.parse(wire.request.slice(wire.request.indexOf('\r\n\r\n')))
      await wire.pause(nonce % 4)
      await wire.send(json(JSON.stringify({ nonce })))
    })
    const way = upstream()
    let answered = 0
    await Promise.all(
      Array.from({ length: 400 }, async (_, nonce) => {
        await sleep(nonce % 50)
        const { exchange, outcome } = run(way, requestTo(provider.origin, { json: { nonce } }))
        if (nonce % 3 === 0) return sleep(nonce % 7).then(() => exchange.cancel())
        expect(JSON.parse((await outcome).body)).toEqual({ nonce })
        answered += 1
      }),
    )
    expect(answered).toBe(266)
  })
})

describe('what a failure says', () => {
  it('never holds the key or the provider’s bytes', async () => {
    const echo: Behaviour = (wire) => wire.send(`HTTP/1.1 200 OK\r\n${wire.request.replaceAll(':', ' ')}`)
    const { error } = await answerTo(echo)
    expect(JSON.stringify([error?.message, error?.details.metadata])).not.toContain('sk-test')
    expect(error?.message).toMatch(/^Acme answered with malformed HTTP/)
    expect(inspect(error)).not.toContain('sk-test')
    expect(error?.cause).toBeInstanceOf(Error)
  })

  it('blames the gateway where its own listener throws, and lets the socket go', async () => {
    const { origin, connections } = await chaos(behaviours.says(json('{}')))
    const way = upstream()
    const failing = run(way, requestTo(origin), () => {
      throw new TypeError('a bug of ours')
    })
    const { error, sent } = await failing.outcome
    expect([error?.code, error?.origin, sent]).toEqual(['internal_error', 'gateway', true])
    expect((await run(way, requestTo(origin)).outcome).body).toBe('{}')
    expect(connections()).toBe(2)
  })
})
