// The reference: as little as a proxy can do on Node. The body is collected, sent on through undici, and what comes back is written on.

import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Pool } from 'undici'

const pool = new Pool(process.argv[2] ?? '', { connections: 4096 })

const server = createServer({ noDelay: true }, (incoming, response) => {
  const chunks: Buffer[] = []
  incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
  incoming.on('end', () => {
    const headers = { 'content-type': 'application/json', authorization: incoming.headers.authorization ?? '' }
    pool.dispatch(
      { method: 'POST', path: incoming.url ?? '/', headers, body: chunks.length === 1 ? chunks[0] : Buffer.concat(chunks) },
      {
        onRequestStart: (controller) => void response.on('drain', () => controller.resume()),
        onResponseStart: (_controller, status, given) => void response.writeHead(status, given),
        onResponseData: (controller, chunk) => {
          if (!response.write(chunk)) controller.pause()
        },
        onResponseEnd: () => void response.end(),
        onResponseError: () => void response.destroy(),
      },
    )
  })
})
server.listen(0, '127.0.0.1', () => process.send?.({ port: (server.address() as AddressInfo).port }))
