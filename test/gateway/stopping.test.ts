import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import Database from 'better-sqlite3'
import { afterEach, describe, expect, it } from 'vitest'
import { eventsOf } from '../contract/dialects/recordings.ts'
import { until } from '../support/by-hand.ts'
import { type GatewayProcess, startProcess } from '../support/process.ts'

// The real process, its real signals, and the demo tenant it prints on a first run.

const started: GatewayProcess[] = []
afterEach(() => {
  for (const running of started.splice(0)) running.kill()
})

async function start(env: Record<string, string>): Promise<GatewayProcess> {
  const running = await startProcess(env)
  started.push(running)
  return running
}

const ask = ({ url, key }: GatewayProcess, model: string, stream: boolean): Promise<Response> =>
  fetch(`${url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
    body: JSON.stringify({ model, stream, messages: [{ role: 'user', content: 'Hello' }] }),
  })

function states({ dataFolder }: GatewayProcess): unknown[] {
  const db = new Database(join(dataFolder, 'tollgate.db'), { readonly: true })
  try {
    return db.prepare('SELECT state FROM attempts LEFT JOIN ends USING (seq) ORDER BY seq').pluck().all()
  } finally {
    db.close()
  }
}

describe('SIGTERM', () => {
  it('makes the gateway unready at once, takes requests for the delay, lets streams finish, flushes the books and exits 0', async () => {
    const running = await start({ DRAIN_DELAY: '700ms' })
    const stream = await ask(running, 'demo/stream', true)
    const text = stream.text()
    running.child.kill('SIGTERM')
    // A process group hands the same signal over twice.
    setTimeout(() => running.child.kill('SIGTERM'), 100)
    const unready = await until('an unready gateway', async () => {
      const response = await fetch(`${running.url}/health/ready`)
      return response.status === 503 ? response.json() : undefined
    })
    expect(unready).toEqual({ status: 'unready', reason: 'draining' })
    expect((await ask(running, 'demo/echo', false)).status, 'a request within the delay').toBe(200)
    await sleep(900)
    await expect(fetch(`${running.url}/health/live`), 'a new connection after the delay').rejects.toThrow()
    expect(eventsOf(await text).at(-1)?.data).toBe('[DONE]')
    expect(await running.exited).toBe(0)
    expect(states(running)).toEqual(['settled', 'settled'])
  }, 20_000)

  it('ends what has not finished in time with one error frame, books it, and exits 0', async () => {
    const running = await start({ DRAIN_TIMEOUT: '300ms' })
    const text = (await ask(running, 'demo/stream', true)).text()
    const whole = ask(running, 'demo/stall', false).then(
      () => 'answered',
      () => 'cut',
    )
    await until('both to be under way', () => (states(running).length === 2 ? true : undefined))
    const began = performance.now()
    running.child.kill('SIGTERM')
    const events = eventsOf(await text)
    const [last, ...before] = events.reverse().map(({ data }) => JSON.parse(data))
    expect(last.error).toMatchObject({ code: 'draining' })
    expect(before.every(({ error }) => error === undefined)).toBe(true)
    expect(await whole).toBe('cut')
    expect(await running.exited).toBe(0)
    expect(performance.now() - began).toBeLessThan(3_000)
    expect(states(running)).toEqual(['estimated', 'estimated'])
  }, 20_000)

  it('without anything to wait for is over at once', async () => {
    const running = await start({})
    const began = performance.now()
    running.child.kill('SIGTERM')
    expect(await running.exited).toBe(0)
    expect(performance.now() - began).toBeLessThan(1_500)
  }, 20_000)
})
