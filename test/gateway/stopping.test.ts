import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import Database from 'better-sqlite3'
import { afterEach, describe, expect, it } from 'vitest'
import { eventsOf } from '../contract/dialects/recordings.ts'
import { until } from '../support/by-hand.ts'

// The real process, its real signals, and the demo tenant it prints on a first run.

const root = resolve(import.meta.dirname, '../..')
const started: Running[] = []

interface Running {
  readonly child: ChildProcess
  readonly url: string
  readonly key: string
  readonly folder: string
  readonly exited: Promise<number | null>
}

afterEach(() => {
  for (const { child, folder } of started.splice(0)) {
    child.kill('SIGKILL')
    rmSync(folder, { recursive: true, force: true })
  }
})

async function start(env: Record<string, string>): Promise<Running> {
  const folder = mkdtempSync(join(tmpdir(), 'tollgate-stopping-'))
  const child = spawn(process.execPath, ['src/main.ts', 'serve'], {
    cwd: root,
    env: { PATH: process.env['PATH'], TOLLGATE_DATA: join(folder, 'data'), PORT: '0', ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let printed = ''
  child.stdout.on('data', (text) => {
    printed += text
  })
  const exited = once(child, 'exit').then(([code]) => code as number | null)
  const curl = await until(
    'the two curl lines',
    () => /^curl -s (http:\/\/\S+)\/v1\/chat\/completions -H 'authorization: Bearer (\S+)'/m.exec(printed) ?? undefined,
    10_000,
  )
  const running = { child, url: curl[1] ?? '', key: curl[2] ?? '', folder, exited }
  started.push(running)
  return running
}

const ask = ({ url, key }: Running, model: string, stream: boolean): Promise<Response> =>
  fetch(`${url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
    body: JSON.stringify({ model, stream, messages: [{ role: 'user', content: 'Hello' }] }),
  })

function states({ folder }: Running): unknown[] {
  const db = new Database(join(folder, 'data/tollgate.db'), { readonly: true })
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
