// A provider that costs nothing: answers at once, streams a hundred events one by one as a model would or thousands at once, holds streams
// open, and floods. The first step of its address tells the dialect it speaks; chat where it tells none.

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { BURST, STREAMS, type Stream } from './streams.ts'
import { ANSWER } from './words.ts'

/** Milliseconds between two events of a stream: each reaches the proxy by itself, as tokens do. */
const PACE = 4
const CHAT = STREAMS['openai-chat'] as Stream
const STREAM = { 'content-type': 'text/event-stream' }

interface Playing {
  readonly response: ServerResponse
  readonly events: readonly string[]
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
  const { model, stream = incoming.url?.includes(':stream') } = large ? { model: '', stream: false } : JSON.parse(body.toString())
  if (!stream) response.writeHead(200, { 'content-type': 'application/json', 'content-length': ANSWER.length }).end(ANSWER)
  else {
    response.writeHead(200, STREAM)
    const { head, pieces, tail } = STREAMS[incoming.url?.split('/')[1] ?? ''] ?? CHAT
    // Some dialects name the model in the path.
    const asked = `${model ?? incoming.url}`
    if (asked === 'hold') response.write(CHAT.head[0])
    else if (asked === 'flood') flood(response)
    else if (asked.includes('burst')) response.end([...head, ...Array(BURST).fill(pieces).flat(), ...tail].join(''))
    else playing.add({ response, events: [...head, ...pieces, ...tail], next: 0 })
  }
}

function tick(): void {
  for (const one of playing) {
    one.response.write(one.events[one.next++])
    if (one.next < one.events.length && !one.response.destroyed) continue
    playing.delete(one)
    one.response.end()
  }
}

/** As fast as whoever reads it takes it, for ever. */
function flood(response: ServerResponse): void {
  const piece = CHAT.pieces.slice(0, 63).join('')
  const more = (): void => {
    while (!response.destroyed && response.write(piece));
  }
  response.on('drain', more)
  more()
}
