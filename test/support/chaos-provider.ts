import { type AddressInfo, createServer, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

/** A provider's misbehaviour, byte by byte: what it does with a socket once a whole request has arrived on it. */
export type Behaviour = (wire: Wire) => Promise<void> | void

export interface Wire {
  /** The request as text, head and body. */
  readonly request: string
  /** How many requests came on this socket, this one included. */
  readonly turn: number
  readonly socket: Socket
  /** Resolves when the bytes have left, or the other side is gone. */
  send(bytes: string | Buffer): Promise<void>
  pause(ms: number): Promise<void>
  /** RST. */
  reset(): void
  /** FIN. */
  finish(): void
  readonly gone: boolean
}

export interface ChaosProvider {
  readonly origin: string
  readonly port: number
  /** Requests as text, in order of arrival. */
  readonly journal: string[]
  /** Connections made so far. */
  readonly connections: () => number
  behave(behaviour: Behaviour): void
  close(): Promise<void>
}

/** A raw TCP server that answers each request as `behaviour` says, and keeps to no protocol of its own; on a port of its own unless one is given. */
export async function startChaosProvider(behaviour: Behaviour, at = 0): Promise<ChaosProvider> {
  const sockets = new Set<Socket>()
  const journal: string[] = []
  let current = behaviour
  let connections = 0

  const server = createServer((socket) => {
    connections += 1
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket)).on('error', () => undefined)
    let pending: Buffer = Buffer.alloc(0)
    let turn = 0
    socket.on('data', (bytes: Buffer) => {
      pending = Buffer.concat([pending, bytes])
      const length = requestLength(pending)
      if (length === undefined || pending.length < length) return
      const request = pending.subarray(0, length).toString('latin1')
      pending = pending.subarray(length)
      journal.push(request)
      turn += 1
      void Promise.resolve(current(wireOf({ socket, request, turn }))).catch(() => socket.destroy())
    })
  })
  await new Promise<void>((resolve) => server.listen(at, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    origin: `http://127.0.0.1:${port}`,
    port,
    journal,
    connections: () => connections,
    behave: (next) => {
      current = next
    },
    async close() {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

const HEAD = 'HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n'
/** The head of a streamed answer whose body lasts until the socket ends, and of one in chunks. */
export const OPEN_ENDED = `${HEAD}connection: close\r\n\r\n`
export const CHUNKED = `${HEAD}transfer-encoding: chunked\r\n\r\n`

/** A whole JSON answer. */
export const json = (body: string, head = ''): string =>
  `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n${head}\r\n${body}`

/** One chunk of a chunked answer. */
export const chunk = (text: string): string => `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`

/** What providers, proxies and enemies really do; each is a row of the fault table. */
export const behaviours = {
  /** Any answer in pieces of `size` bytes, with a pause between them. */
  inPieces:
    (answer: string | Buffer, { size, pause = 0 }: { size: number; pause?: number }): Behaviour =>
    async (wire) => {
      const bytes = typeof answer === 'string' ? Buffer.from(answer) : answer
      for (let at = 0; at < bytes.length && !wire.gone; at += size) {
        await wire.send(bytes.subarray(at, at + size))
        if (pause > 0) await wire.pause(pause)
      }
    },
  says:
    (...pieces: readonly (string | Buffer)[]): Behaviour =>
    async (wire) => {
      for (const piece of pieces) await wire.send(piece)
    },
  saysThenFinishes:
    (...pieces: readonly (string | Buffer)[]): Behaviour =>
    async (wire) => {
      for (const piece of pieces) await wire.send(piece)
      wire.finish()
    },
  saysThenResets:
    (...pieces: readonly (string | Buffer)[]): Behaviour =>
    async (wire) => {
      for (const piece of pieces) await wire.send(piece)
      // What was sent must not be overtaken by the reset.
      await wire.pause(20)
      wire.reset()
    },
  silence: (): Behaviour => () => undefined,
  endlessLine: (): Behaviour => async (wire) => {
    await wire.send(`${OPEN_ENDED}data: `)
    while (!wire.gone) await wire.send(Buffer.alloc(64 * 1024, 'a'))
  },
  hugeHeader:
    (bytes: number): Behaviour =>
    async (wire) => {
      await wire.send('HTTP/1.1 200 OK\r\nx-large: ')
      for (let left = bytes; left > 0 && !wire.gone; left -= 64 * 1024) await wire.send(Buffer.alloc(64 * 1024, 'a'))
    },
  html: (): Behaviour =>
    behaviours.says('HTTP/1.1 502 Bad Gateway\r\ncontent-type: text/html\r\ncontent-length: 24\r\n\r\n<html>bad gateway</html>'),
  truncatedJson: (): Behaviour => behaviours.says(json('{"choices":[{"message":{"content":"half')),
  redirect: (location: string, status = 302): Behaviour =>
    behaviours.says(`HTTP/1.1 ${status} Found\r\nlocation: ${location}\r\ncontent-length: 0\r\n\r\n`),
  commentsForever:
    (every: number): Behaviour =>
    async (wire) => {
      await wire.send(OPEN_ENDED)
      while (!wire.gone) {
        await wire.send(': still here\n\n')
        await wire.pause(every)
      }
    },
  compressed: (coding: string, body: Buffer): Behaviour =>
    behaviours.says(`HTTP/1.1 200 OK\r\ncontent-encoding: ${coding}\r\ncontent-length: ${body.length}\r\n\r\n`, body),
} as const

function wireOf({ socket, request, turn }: { socket: Socket; request: string; turn: number }): Wire {
  return {
    request,
    turn,
    socket,
    send: (bytes) => new Promise((resolve) => (socket.destroyed ? resolve() : socket.write(bytes, () => resolve()))),
    pause: async (ms) => {
      await sleep(ms)
    },
    reset: () => socket.resetAndDestroy(),
    finish: () => socket.end(),
    get gone() {
      return socket.destroyed
    },
  }
}

/** Bytes of the first request, once its head is there. */
function requestLength(bytes: Buffer): number | undefined {
  const head = bytes.indexOf('\r\n\r\n')
  if (head === -1) return undefined
  const length = /^content-length: *(\d+)/im.exec(bytes.toString('latin1', 0, head))?.[1] ?? '0'
  return head + 4 + Number(length)
}
