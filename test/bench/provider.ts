// A provider that costs nothing: answers at once, streams a hundred events one by one as a model would or thousands at once, holds streams
// open, and floods. The first step of its address tells the dialect it speaks; chat where it tells none.

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { BURST, STREAMS, type Stream } from './streams.ts'
import { ANSWER } from './words.ts'

/** Milliseconds between two events of a stream: each reaches the proxy by itself, as tokens do. */
const PACE = 4
const CHAT = STREAMS['openai-chat'] as Stream

interface Playing {
  readonly response: ServerResponse
  readonly events: readonly (string | Buffer)[]
  next: number
}

const playing = new Set<Playing>()
setInterval(tick, PACE)

const server = createServer({ noDelay: true }, (incoming, response) => {
  const chunks: Buffer[] = []
  incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
  incoming.on('end', () => answer(incoming, response, Buffer.concat(chunks)))
})
server.listen(0, '127.0.0.1', () => process.send?.({ port: (server.address() as AddressInfo).port }))

function answer(incoming: IncomingMessage, response: ServerResponse, body: Buffer): void {
  const large = body.length > 100_000
  const { model, stream = /stream/i.test(incoming.url ?? '') } = large ? { model: '', stream: false } : JSON.parse(body.toString())
  if (!stream) response.writeHead(200, { 'content-type': 'application/json', 'content-length': ANSWER.length }).end(ANSWER)
  else {
    const { head, pieces, tail, mediaType = 'text/event-stream' } = STREAMS[incoming.url?.split('/')[1] ?? ''] ?? CHAT
    response.writeHead(200, { 'content-type': mediaType })
    // Some dialects name the model in the path.
    const asked = `${model ?? incoming.url}`
    if (asked === 'hold') response.write(together(CHAT.head))
    else if (asked === 'flood') flood(response)
    else if (asked.includes('burst')) response.end(together([...head, ...Array(BURST).fill(pieces).flat(), ...tail]))
    else playing.add({ response, events: [...head, ...pieces, ...tail], next: 0 })
  }
}

const together = (frames: readonly (string | Buffer)[]): Buffer => Buffer.concat(frames.map((frame) => Buffer.from(frame as string)))

function tick(): void {
  for (const one of playing) {
    one.response.write(one.events[one.next++] ?? '')
    if (one.next < one.events.length && !one.response.destroyed) continue
    playing.delete(one)
    one.response.end()
  }
}

/** As fast as whoever reads it takes it, for ever. */
function flood(response: ServerResponse): void {
  const piece = together(CHAT.pieces.slice(0, 63))
  const more = (): void => {
    while (!response.destroyed && response.write(piece));
  }
  response.on('drain', more)
  more()
}
