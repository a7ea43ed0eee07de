import { once } from 'node:events'
import { type ClientRequest, createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { until } from '../support/by-hand.ts'
import { type Families, openFamilies } from '../support/families.ts'

// Large files up and down: through at the pace of the slower side, kept nowhere, booked once however they end.

const PIECE = Buffer.from(Array.from({ length: 64 * 1024 }, (_, at) => (at * 7919) % 251))
const PIECES = 1_200
const LENGTH = PIECE.length * PIECES

vi.setConfig({ testTimeout: 60_000 })

let server: Server
let scene: Families
let provide: (incoming: IncomingMessage, response: ServerResponse) => void

beforeAll(async () => {
  server = createServer((incoming, response) => provide(incoming, response)).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`
  scene = await openFamilies(['openai'], {
    providers: { openai: origin },
    config: { 'gateway.yaml': 'sizes: { body: 1MiB }\ndeadlines: { first_byte: 3s }\n' },
  })
})
afterAll(async () => {
  await scene.close()
  server.closeAllConnections()
  server.close()
})
beforeEach(() => {
  provide = (_incoming, response) => void response.end('{}')
})

function open(method: string, path: string, headers: Record<string, string | number> = {}): ClientRequest {
  const { gateway, tenant } = scene
  const sent = request(`${gateway.url}/providers/openai${path}`, { method, headers: { authorization: `Bearer ${tenant.key}`, ...headers } })
  sent.on('error', () => undefined)
  return sent
}

const answerTo = async (sent: ClientRequest): Promise<IncomingMessage> => (await once(sent, 'response'))[0]

setFlagsFromString('--expose-gc')
const collectGarbage: () => void = runInNewContext('gc')

/** The most bytes that buffers of this process, which is client, gateway and provider in one, held at once while `work` ran. */
async function peakWhile(work: Promise<unknown>): Promise<number> {
  let peak = 0
  const look = setInterval(() => {
    collectGarbage()
    peak = Math.max(peak, process.memoryUsage().arrayBuffers)
  }, 200)
  await work.finally(() => clearInterval(look))
  return peak
}

const rowsSoFar = async () => (await scene.hand.booked(scene.tenant.id)).length

/** The one row that was booked since, once it has ended. */
async function booked(since: number) {
  const rows = await scene.hand.settled(scene.tenant.id, since + 1)
  await sleep(50)
  expect((await scene.hand.booked(scene.tenant.id)).length, 'one row, ended once').toBe(since + 1)
  return rows.at(-1)!
}

/** The number that does not change any more. */
async function comesToRest(read: () => number): Promise<number> {
  for (let seen = -1; seen !== read(); await sleep(300)) seen = read()
  return read()
}

async function writeAll(sent: ClientRequest): Promise<void> {
  for (let count = 0; count < PIECES; count++) if (!sent.write(PIECE)) await once(sent, 'drain')
}

describe('a file on its way up', () => {
  it('passes whole, and memory does not grow with it', async () => {
    let bytes = 0
    let wrong = 0
    provide = (incoming, response) => {
      incoming.on('data', (chunk: Buffer) => {
        if (chunk[0] !== PIECE[bytes % PIECE.length]) wrong++
        bytes += chunk.length
      })
      incoming.on('end', () => response.setHeader('content-type', 'application/json').end('{"id":"file-1"}'))
    }
    const since = await rowsSoFar()
    const sent = open('POST', '/uploads/u/parts', { 'content-type': 'application/octet-stream', 'content-length': LENGTH })
    const answer = answerTo(sent)
    const peak = await peakWhile(writeAll(sent).then(() => sent.end()))
    const response = await answer
    expect(response.statusCode).toBe(200)
    response.resume()
    expect([bytes, wrong]).toEqual([LENGTH, 0])
    expect(peak, 'bytes').toBeLessThan(LENGTH * 0.75)
    expect(await booked(since)).toMatchObject({ state: 'settled', outcome: { status: 200 } })
  })

  it('passes as a form larger than any JSON may be', async () => {
    let bytes = 0
    provide = (incoming, response) => {
      incoming.on('data', (chunk: Buffer) => (bytes += chunk.length))
      incoming.on('end', () => response.setHeader('content-type', 'application/json').end('{"id":"file-1"}'))
    }
    const head =
      '--cut\r\nContent-Disposition: form-data; name="purpose"\r\n\r\nbatch\r\n--cut\r\nContent-Disposition: form-data; name="file"; filename="f"\r\n\r\n'
    const sent = open('POST', '/files', { 'content-type': 'multipart/form-data; boundary=cut' })
    const answer = answerTo(sent)
    sent.write(head)
    const peak = await peakWhile(writeAll(sent).then(() => sent.end('\r\n--cut--\r\n')))
    const response = await answer
    expect(response.statusCode).toBe(200)
    response.resume()
    expect(bytes).toBe(LENGTH + head.length + 11)
    expect(peak, 'bytes').toBeLessThan(LENGTH * 0.75)
  })

  it('waits for a provider that does not read, but not for ever', async () => {
    provide = (incoming) => void incoming.pause()
    const since = await rowsSoFar()
    const sent = open('POST', '/uploads/u/parts', { 'content-type': 'application/octet-stream' })
    const answer = answerTo(sent)
    let written = 0
    void (async () => {
      for (; written < LENGTH; written += PIECE.length) if (!sent.write(PIECE)) await once(sent, 'drain')
    })().catch(() => undefined)
    expect(await comesToRest(() => written), 'the client is held back').toBeLessThan(LENGTH * 0.75)
    const response = await answer
    expect(response.statusCode).toBe(504)
    response.resume()
    expect(await booked(since)).toMatchObject({ state: 'estimated', outcome: { code: 'upstream_timeout' }, cost: null })
  })

  it('stops where its client leaves, and is never whole for the provider', async () => {
    let [bytes, ended, broken] = [0, false, false]
    provide = (incoming) => {
      incoming.on('data', (chunk: Buffer) => (bytes += chunk.length))
      incoming.on('end', () => (ended = true))
      incoming.on('error', () => (broken = true))
    }
    const since = await rowsSoFar()
    const sent = open('PUT', '/uploads/u', { 'content-type': 'application/octet-stream' })
    sent.write(PIECE)
    await until('some of it to arrive', () => (bytes >= PIECE.length ? true : undefined))
    sent.destroy()
    await until('the provider to be left', () => (broken ? true : undefined))
    expect(ended).toBe(false)
    expect(await booked(since)).toMatchObject({ outcome: { code: 'client_closed_request' } })
  })

  it('is refused by a provider that does not want the rest', async () => {
    provide = (incoming, response) => {
      incoming.once('data', () => {
        response
          .writeHead(413, { 'content-type': 'application/json', connection: 'close' })
          .end('{"error":{"message":"Too large for us."}}')
      })
    }
    const since = await rowsSoFar()
    const sent = open('POST', '/uploads/u/parts', { 'content-type': 'application/octet-stream' })
    const answer = answerTo(sent)
    sent.write(PIECE)
    const response = await answer
    expect(response.statusCode).toBe(413)
    response.resume()
    expect(await booked(since)).toMatchObject({ outcome: { status: 413 } })
  })
})

describe('a file on its way down', () => {
  const flood = (response: ServerResponse, state: { written: number; gone: boolean }, headers: Record<string, string | number> = {}) => {
    response.writeHead(200, { 'content-type': 'application/octet-stream', ...headers })
    response.on('close', () => (state.gone = !response.writableFinished))
    const push = (): void => {
      while (state.written < LENGTH && !response.destroyed) {
        state.written += PIECE.length
        if (!response.write(PIECE)) return void response.once('drain', push)
      }
      response.end()
    }
    push()
  }

  it('passes whole with its length, and memory does not grow with it', async () => {
    const state = { written: 0, gone: false }
    provide = (_incoming, response) => flood(response, state, { 'content-length': LENGTH })
    const since = await rowsSoFar()
    const sent = open('GET', '/files/f/content')
    sent.end()
    const response = await answerTo(sent)
    expect(response.headers['content-length']).toBe(String(LENGTH))
    let bytes = 0
    response.on('data', (chunk: Buffer) => (bytes += chunk.length))
    const peak = await peakWhile(once(response, 'end'))
    expect(bytes).toBe(LENGTH)
    expect(peak, 'bytes').toBeLessThan(LENGTH * 0.75)
    expect(await booked(since)).toMatchObject({ state: 'settled' })
  })

  it('waits for a client that does not read, and stops where it leaves', async () => {
    const state = { written: 0, gone: false }
    provide = (_incoming, response) => flood(response, state)
    const since = await rowsSoFar()
    const sent = open('GET', '/files/f/content')
    sent.end()
    const response = await answerTo(sent)
    response.pause()
    expect(await comesToRest(() => state.written), 'the provider is held back').toBeLessThan(LENGTH * 0.75)
    response.destroy()
    await until('the provider to be left', () => (state.gone ? true : undefined))
    expect(await booked(since)).toMatchObject({ state: 'estimated', outcome: { code: 'client_closed_request' } })
  })

  it('ends too soon for the client where the provider breaks off', async () => {
    provide = (_incoming, response) => {
      response.writeHead(200, { 'content-type': 'application/octet-stream' })
      response.write(PIECE, () => response.socket?.resetAndDestroy())
    }
    const since = await rowsSoFar()
    const sent = open('GET', '/files/f/content')
    sent.end()
    const response = await answerTo(sent)
    response.resume()
    const [error] = await Promise.race([once(response, 'error'), once(response, 'end').then(() => ['it ended as if it were whole'])])
    expect(error).toMatchObject({ code: 'ECONNRESET' })
    expect(await booked(since)).toMatchObject({ outcome: { code: 'upstream_disconnected' } })
  })
})
