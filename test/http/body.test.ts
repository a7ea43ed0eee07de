import { once } from 'node:events'
import { createServer, type IncomingMessage, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { bodyOf } from '../../src/http/inbound.ts'

test('A body is whole however it comes, and the pieces of one of known length are freed as it grows.', async () => {
  const pieces: Buffer[] = []
  const sent = Buffer.from(Array.from({ length: 300_000 }, (_, at) => at % 251))
  const incoming = await arriving(sent, { 'content-length': sent.length })
  incoming.on('data', (piece: Buffer) => pieces.push(piece))
  expect(sent.equals(await bodyOf(incoming, sent.length)), 'the body arrived as it was sent').toBe(true)
  expect(pieces.length, 'it came in pieces').toBeGreaterThan(1)
  expect(
    pieces.reduce((sum, { length }) => sum + length, 0),
    'bytes that are held twice',
  ).toBe(0)
})

test('A body of unknown length is whole, too.', async () => {
  const sent = Buffer.from('x'.repeat(200_000))
  expect(sent.equals(await bodyOf(await arriving(sent, {}), sent.length))).toBe(true)
})

/** A request on a socket, its head read and nothing of its body. */
async function arriving(body: Buffer, headers: Record<string, number>): Promise<IncomingMessage> {
  const server = createServer().listen(0, '127.0.0.1')
  onTestFinished(() => void server.close().closeAllConnections())
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const call = request({ port, method: 'POST', headers }).on('error', () => undefined)
  // In two writes, so that Node tells no length of its own.
  call.write(body.subarray(0, 1000))
  call.end(body.subarray(1000))
  const [incoming] = (await once(server, 'request')) as [IncomingMessage]
  return incoming
}
