// The apps: a closed loop over kept connections, or streams that are opened and held. Driven by messages of the bench.

import { request } from 'node:http'
import { Pool } from 'undici'

/** So many requests, `connections` at a time, each sent when the one before it is answered. */
export interface Job {
  readonly origin: string
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  readonly connections: number
  readonly requests: number
}

/** Milliseconds. */
export interface Done {
  readonly p50: number
  readonly p99: number
}

/** Streams opened and kept; a slow reader never reads past the first piece. */
export interface Hold extends Omit<Job, 'requests'> {
  readonly slow: boolean
}

const pools = new Map<string, Pool>()

process.on('message', (message: { job?: Job; hold?: Hold }) => {
  if (message.job) void run(message.job).then((done) => process.send?.({ done }), failed)
  if (message.hold) void hold(message.hold).then((held) => process.send?.({ held }), failed)
})
process.send?.({ ready: true })

async function run({ origin, connections, requests, ...rest }: Job): Promise<Done> {
  const pool = pools.get(`${origin} ${connections}`) ?? new Pool(origin, { connections })
  pools.set(`${origin} ${connections}`, pool)
  const taken: number[] = []
  let sent = 0
  const client = async (): Promise<void> => {
    while (sent++ < requests) taken.push(await exchange(pool, rest))
  }
  await Promise.all(Array.from({ length: connections }, client))
  taken.sort((a, b) => a - b)
  const at = (share: number): number => taken[Math.floor(share * (taken.length - 1))] ?? Number.NaN
  return { p50: at(0.5), p99: at(0.99) }
}

function exchange(pool: Pool, { path, headers, body }: Pick<Job, 'path' | 'headers' | 'body'>): Promise<number> {
  return new Promise((resolve, reject) => {
    const began = performance.now()
    let status = 0
    pool.dispatch(
      { method: 'POST', path, headers, body },
      {
        onRequestStart: () => undefined,
        onResponseStart: (_controller, answered) => void (status = answered),
        onResponseData: (_controller, chunk) => void (status === 200 || reject(new Error(`${status} ${chunk}`))),
        onResponseEnd: () => resolve(performance.now() - began),
        onResponseError: (_controller, error) => reject(error),
      },
    )
  })
}

/** Opened in small groups, so that no listen queue overflows. */
async function hold({ connections, ...rest }: Hold): Promise<number> {
  for (let open = 0; open < connections; open += 50) await Promise.all(Array.from({ length: 50 }, () => openStream(rest)))
  return connections
}

function openStream({ origin, path, headers, body, slow }: Omit<Hold, 'connections'>): Promise<void> {
  return new Promise((resolve, reject) => {
    request(origin + path, { method: 'POST', headers, agent: false })
      .on('response', (response) => {
        response.once('data', () => {
          if (slow) response.pause()
          resolve()
        })
        response.on('error', () => undefined)
      })
      .on('error', reject)
      .end(body)
  })
}

function failed(error: unknown): never {
  console.error('A request of the bench failed.', error)
  process.exit(1)
}
