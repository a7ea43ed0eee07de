import { once } from 'node:events'
import { Agent, createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

/** One backend after the other, of those that say they are ready. */
export interface Balancer {
  readonly url: string
  /** Requests that each backend was given. */
  readonly given: ReadonlyMap<string, number>
  close(): Promise<void>
}

/** Milliseconds between two looks at each backend. */
const LOOK = 50

export async function startBalancer(backends: readonly string[]): Promise<Balancer> {
  const given = new Map(backends.map((url) => [url, 0]))
  const agent = new Agent({ keepAlive: true })
  let ready = backends
  let turn = 0
  let closed = false

  async function look(): Promise<void> {
    while (!closed) {
      const answers = await Promise.all(backends.map(async (url) => ((await isReady(url)) ? [url] : [])))
      ready = answers.flat()
      await sleep(LOOK)
    }
  }

  const server = createServer((incoming, response) => {
    const backend = ready[turn++ % ready.length]
    if (backend === undefined) return void response.writeHead(503).end('no backend is ready')
    given.set(backend, (given.get(backend) ?? 0) + 1)
    forward({ incoming, response }, backend, agent)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const looking = look()
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    given,
    async close() {
      closed = true
      await looking
      agent.destroy()
      server.closeAllConnections()
      server.close()
    },
  }
}

interface Exchange {
  readonly incoming: IncomingMessage
  readonly response: ServerResponse
}

/** Nothing is kept back and nothing sent twice: what a backend loses is lost. */
function forward({ incoming, response }: Exchange, backend: string, agent: Agent): void {
  const { method = 'GET', url = '/', headers } = incoming
  const sent = request(backend + url, { method, headers, agent }, (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers)
    answer.pipe(response)
    answer.on('error', () => response.destroy())
  })
  sent.on('error', (error) => (response.headersSent ? response.destroy() : response.writeHead(502).end(String(error))))
  response.on('close', () => sent.destroy())
  incoming.pipe(sent)
}

const isReady = (url: string): Promise<boolean> =>
  fetch(`${url}/health/ready`).then(
    ({ ok }) => ok,
    () => false,
  )
