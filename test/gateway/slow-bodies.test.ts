import { once } from 'node:events'
import { createServer, type IncomingMessage, request, type Server } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { refuseMalformed } from '../../src/http/malformed.ts'
import { takesItsTime } from '../../src/http/node.ts'
import { paced } from '../../src/http/paced.ts'

// A body that is sent on while it comes may take long as a whole, as long as it comes.

let server: Server
let take: (incoming: IncomingMessage) => Promise<void>

beforeEach(async () => {
  server = createServer((incoming, response) => {
    void take(incoming).then(
      () => response.end('taken'),
      () => undefined,
    )
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
})
afterEach(() => {
  server.closeAllConnections()
  server.close()
})

const port = () => (server.address() as AddressInfo).port

function upload(): ReturnType<typeof request> {
  const sent = request({ port: port(), host: '127.0.0.1', method: 'POST' })
  sent.on('error', () => undefined)
  return sent
}

it('a client that stops sending is let go, and what it sent is no whole body', async () => {
  const failed = new Promise<unknown>((resolve) => {
    take = async (incoming) => {
      try {
        for await (const _piece of paced(incoming, 100));
        resolve('it ended as if it were whole')
      } catch (error) {
        resolve(error)
      }
    }
  })
  const sent = upload()
  sent.write('a beginning')
  expect(await failed).toMatchObject({ code: 'request_timeout' })
})

it('a client that sends slowly is waited for, and so is whoever reads slowly', async () => {
  let text = ''
  take = async (incoming) => {
    for await (const piece of paced(incoming, 150)) {
      text += piece.toString()
      if (text.length === 3) await sleep(400)
    }
  }
  const sent = upload()
  for (let count = 0; count < 6; count++) {
    sent.write('x')
    await sleep(60)
  }
  sent.end()
  const [response] = (await once(sent, 'response')) as [IncomingMessage]
  expect([response.statusCode, text]).toEqual([200, 'xxxxxx'])
  response.resume()
})

it('Node’s own timeout for a request spares only the one that takes its time', async () => {
  const late = Object.assign(new Error('Request timeout'), { code: 'ERR_HTTP_REQUEST_TIMEOUT' })
  const told: string[] = []
  const desk = { newRequestId: () => 'req_1', onFailure: ({ code }: { code: string }) => void told.push(code) }
  const sockets: { incoming: IncomingMessage; socket: Socket }[] = []
  take = async (incoming) => {
    sockets.push({ incoming, socket: incoming.socket })
    if (incoming.url === '/long') takesItsTime(incoming)
    for await (const _piece of incoming);
  }
  const ask = async (path: string, body: string) => {
    const client = connect(port(), '127.0.0.1')
    client.on('error', () => undefined)
    client.write(`POST ${path} HTTP/1.1\r\nhost: a\r\ncontent-length: 4\r\n\r\n${body}`)
    while (sockets.length === 0) await sleep(5)
    return { client, ...sockets.pop()! }
  }
  const long = await ask('/long', 'ab')
  refuseMalformed(late, long.socket, desk)
  expect([told, long.socket.destroyed]).toEqual([[], false])
  const short = await ask('/short', 'ab')
  refuseMalformed(late, short.socket, desk)
  expect(told).toEqual(['request_timeout'])
  // The next request on the same connection has no such leave.
  long.client.write('cd')
  await once(long.incoming, 'close')
  refuseMalformed(late, long.socket, desk)
  expect(long.socket.destroyed || told.length === 2).toBe(true)
  for (const { client } of [long, short]) client.destroy()
})
