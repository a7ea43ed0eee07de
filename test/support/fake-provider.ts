import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

/** What a provider under test answers. A number among the chunks is a pause in milliseconds. */
export interface ScriptedAnswer {
  status?: number
  headers?: Record<string, string | string[]>
  body?: string | Buffer | object
  /** Server-sent events: each string becomes one `data:` frame; objects are written as JSON. */
  events?: readonly (string | object | number)[]
  /** Raw pieces, as they shall leave. */
  chunks?: readonly (string | Buffer | number)[]
  /** Milliseconds before the status line. */
  after?: number
  /** How it ends: properly, by a reset, or never. */
  end?: 'whole' | 'reset' | 'never'
}

/** One request as it arrived. */
export interface Received {
  readonly method: string
  readonly path: string
  readonly headers: Record<string, string>
  readonly body: Buffer
  /** The socket it came on, counted from 1: tells whether connections are reused. */
  readonly socket: number
  /** `Date.now()` of its arrival. */
  readonly at: number
  /** `Date.now()` of the moment the other side left before its answer was complete. */
  abortedAt?: number
  /** Bytes of answer handed to the socket so far. */
  written: number
}

export type Script = ScriptedAnswer | readonly ScriptedAnswer[] | ((received: Received) => ScriptedAnswer | Promise<ScriptedAnswer>)

export interface FakeProvider {
  /** `http://127.0.0.1:port`. */
  readonly origin: string
  readonly port: number
  /** Every request so far, in order of arrival. */
  readonly journal: Received[]
  /** Changes what is answered from now on. */
  answer(script: Script): void
  /** Waits until this many requests have arrived, by default the first. */
  received(count?: number): Promise<Received>
  close(): Promise<void>
}

/** A provider on a real socket that says what it is told. A list is answered in turn, its last entry for good. */
export async function startFakeProvider(script: Script = { body: {} }): Promise<FakeProvider> {
  const journal: Received[] = []
  const sockets = new Map<Socket, number>()
  let current = script
  let answered = 0

  const server = createServer((request, response) => {
    void serve(request, response).catch((error: unknown) => response.destroy(error instanceof Error ? error : undefined))
  })
  server.on('connection', (socket) => sockets.set(socket, sockets.size + 1))

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const received = receivedOf(request, { body: Buffer.concat(chunks), socket: sockets.get(request.socket) ?? 0 })
    journal.push(received)
    response.on('close', () => {
      if (!response.writableFinished) received.abortedAt = Date.now()
    })
    const turn = answered
    answered += 1
    const answer =
      typeof current === 'function' ? await current(received) : ([current].flat()[Math.min(turn, [current].flat().length - 1)] ?? {})
    await play(answer, response, received)
  }

  const port = await listen(server)
  return {
    origin: `http://127.0.0.1:${port}`,
    port,
    journal,
    answer(next) {
      current = next
      answered = 0
    },
    async received(count = 1) {
      while (journal.length < count) await sleep(2)
      return journal[count - 1]!
    },
    async close() {
      for (const socket of sockets.keys()) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

function receivedOf(request: IncomingMessage, { body, socket }: Pick<Received, 'body' | 'socket'>): Received {
  const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]))
  return { method: request.method ?? '', path: request.url ?? '', headers, body, socket, at: Date.now(), written: 0 }
}

async function play(answer: ScriptedAnswer, response: ServerResponse, received: Received): Promise<void> {
  if (answer.after !== undefined) await sleep(answer.after)
  response.writeHead(answer.status ?? 200, headersOf(answer))
  response.flushHeaders()
  for (const piece of piecesOf(answer)) {
    if (response.destroyed) return
    if (typeof piece === 'number') await sleep(piece)
    else await write(response, piece, received)
  }
  if (answer.end === 'never') return
  if (answer.end === 'reset') response.socket?.resetAndDestroy()
  else response.end()
}

async function write(response: ServerResponse, piece: string | Buffer, received: Received): Promise<void> {
  received.written += piece.length
  if (response.write(piece)) return
  const left = new AbortController()
  const gone = once(response, 'close', { signal: left.signal })
  await Promise.race([once(response, 'drain', { signal: left.signal }), gone]).finally(() => left.abort())
}

function headersOf({ headers, events, body }: ScriptedAnswer): Record<string, string | string[]> {
  const type =
    events !== undefined ? 'text/event-stream' : typeof body === 'string' || Buffer.isBuffer(body) ? 'text/plain' : 'application/json'
  return { 'content-type': type, ...headers }
}

function piecesOf({ body, events, chunks }: ScriptedAnswer): readonly (string | Buffer | number)[] {
  if (chunks !== undefined) return chunks
  if (events !== undefined) return events.map((event) => (typeof event === 'number' ? event : `data: ${textOf(event)}\n\n`))
  if (body === undefined) return []
  return [Buffer.isBuffer(body) ? body : textOf(body)]
}

function textOf(value: string | object): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return (server.address() as AddressInfo).port
}
