import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import Database from 'better-sqlite3'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { until } from '../support/by-hand.ts'
import { type ChaosProvider, json, OPEN_ENDED, startChaosProvider } from '../support/chaos-provider.ts'
import { type FaultyDisk, faultyDisk, missingFaults } from '../support/faulty-disk.ts'
import { type Installation, install } from '../support/installation.ts'
import { completion, delta, finish, framed, usageFrame } from '../support/relayed.ts'
import { missingDisk, type SmallDisk, smallDisk } from '../support/small-disk.ts'

// What becomes of requests, and of what the books are owed, while the disk does not take it: real processes on disks that really fail.

const MODELS = 'models:\n  flat: { offers: [{ provider: openai, wire_model: flat, price: { input: 1, output: 2 } }] }\n'
const WHOLE = json(JSON.stringify(completion()))

let provider: ChaosProvider
let installation: Installation
let key: string
beforeEach(async () => {
  provider = await startChaosProvider((wire) => wire.send(WHOLE))
})
afterEach(async () => {
  await installation.kill()
  installation.remove()
  await provider.close()
})

async function start(env: Readonly<Record<string, string>> = {}): Promise<void> {
  installation = await install({ provider: provider.origin, config: { 'models.yaml': MODELS }, env })
  await installation.start()
  key = (await installation.tenant('acme')).key
}

const ask = (body: object = {}): Promise<Response> =>
  fetch(`${installation.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'openai/flat', messages: [{ role: 'user', content: 'Hello' }], max_tokens: 9, ...body }),
  })

/** A stream whose first word has come, and that goes on when its rest is asked for. */
async function streaming(): Promise<() => Promise<string>> {
  const { promise: told, resolve: goOn } = Promise.withResolvers<void>()
  provider.behave(async (wire) => {
    await wire.send(OPEN_ENDED + framed([delta('Hel')]))
    await told
    await wire.send(framed([delta('lo'), finish(), usageFrame(7, 2), '[DONE]']))
    wire.finish()
  })
  const response = await ask({ stream: true })
  provider.behave((wire) => wire.send(WHOLE))
  return () => {
    goOn()
    return response.text()
  }
}

interface Refused {
  readonly status: number
  readonly code: string
  readonly retryAfter: string | null
  /** Requests that the provider saw of it. */
  readonly sent: number
}

const REFUSED: Refused = { status: 503, code: 'ledger_unavailable', retryAfter: '1', sent: 0 }

async function refusal(): Promise<Refused | undefined> {
  const before = provider.journal.length
  const response = await ask()
  const body = (await response.json()) as { error?: { code: string } }
  if (response.ok) return undefined
  const sent = provider.journal.length - before
  return { status: response.status, code: body.error?.code ?? '', retryAfter: response.headers.get('retry-after'), sent }
}

const answered = async (): Promise<true | undefined> => (await ask()).ok || undefined

/** Of the newest attempt that streamed. */
function streamed(): unknown {
  const db = new Database(join(installation.dataFolder, 'tollgate.db'), { readonly: true })
  try {
    const row = db
      .prepare<[], { state: string; outcome: string }>(
        'SELECT state, outcome FROM attempts LEFT JOIN ends USING (seq) WHERE start LIKE \'%"stream":true%\' ORDER BY seq DESC LIMIT 1',
      )
      .get()
    return { state: row?.state, usage: row?.outcome && JSON.parse(row.outcome).outcome.usage }
  } finally {
    db.close()
  }
}

const EXACT = { state: 'settled', usage: expect.objectContaining({ input: 7, output: 2 }) }

describe('a lock that another program holds on the database', () => {
  it('F-40 for ten seconds: nothing is sent meanwhile, a stream under way ends at once, and all is booked afterwards', async () => {
    await start()
    const rest = await streaming()
    const other = new Database(join(installation.dataFolder, 'tollgate.db'))
    other.exec('BEGIN IMMEDIATE')
    const locked = performance.now()
    const [refused, text] = await Promise.all([refusal(), rest()])
    expect(refused).toEqual(REFUSED)
    expect(text).toContain('[DONE]')
    expect(performance.now() - locked, 'patience').toBeGreaterThan(2_000)
    expect(performance.now() - locked).toBeLessThan(6_000)
    await sleep(10_000 - (performance.now() - locked))
    other.exec('COMMIT')
    other.close()
    await until('an answer', answered)
    await until('the end of the stream in the books', () => (streamed() as { state?: string }).state === 'settled' || undefined)
    expect(streamed()).toEqual(EXACT)
  }, 30_000)
})

describe.skipIf(missingDisk)(`a disk that is full${missingDisk ? `, skipped: ${missingDisk}` : ''}`, () => {
  let disk: SmallDisk
  beforeEach(() => {
    disk = smallDisk(8)
  })
  afterEach(async () => {
    await installation.kill()
    disk.remove()
  })
  const fill = async (): Promise<void> => {
    disk.fill()
    expect(await until('a refusal', refusal, 10_000)).toEqual(REFUSED)
  }

  it('F-41 sends nothing to a provider, ends streams under way, and goes on by itself when there is room', async () => {
    await start({ TOLLGATE_DATA: join(disk.folder, 'data') })
    const rest = await streaming()
    await fill()
    expect(await rest()).toContain('[DONE]')
    expect(await installation.isReady()).toBeUndefined()
    disk.free()
    await until('an answer', answered)
    expect(streamed()).toEqual(EXACT)
  }, 30_000)

  it('F-41 loses no end of a stream to a kill while it is full', async () => {
    await start({ TOLLGATE_DATA: join(disk.folder, 'data') })
    const rest = await streaming()
    await fill()
    expect(await rest()).toContain('[DONE]')
    await installation.kill()
    disk.free()
    await installation.start()
    expect(streamed()).toEqual(EXACT)
  }, 30_000)

  it('F-41 keeps nobody from stopping, and what the books are owed is in them after the next start', async () => {
    await start({ TOLLGATE_DATA: join(disk.folder, 'data') })
    const rest = await streaming()
    await fill()
    await rest()
    expect(await installation.stop()).toBe(0)
    disk.free()
    await installation.start()
    expect(streamed()).toEqual(EXACT)
  }, 30_000)

  it('F-41 that is read-only when a gateway starts is told in words', async () => {
    await start({ TOLLGATE_DATA: join(disk.folder, 'data') })
    await installation.stop()
    disk.mountAgain('ro')
    await expect(installation.start()).rejects.toThrow(/ended by itself with 1: .*cannot be written.*Put the data folder/s)
    disk.mountAgain('rw')
    await installation.start()
    expect(await answered()).toBe(true)
  }, 30_000)
})

describe.skipIf(missingFaults)(`a disk whose calls fail${missingFaults ? `, skipped: ${missingFaults}` : ''}`, () => {
  let disk: FaultyDisk
  beforeEach(() => {
    disk = faultyDisk()
  })
  afterEach(async () => {
    await installation.kill()
    disk.remove()
  })

  for (const error of ['EIO', 'EROFS'] as const) {
    it(`F-41 ${error} on write: nothing is sent, a stream under way is booked once the disk works, without a restart`, async () => {
      await start(disk.env)
      const rest = await streaming()
      disk.fails('write', error)
      expect(await refusal()).toEqual(REFUSED)
      const text = rest()
      await sleep(200)
      disk.works()
      expect(await text).toContain('[DONE]')
      await until('an answer', answered)
      expect(streamed()).toEqual(EXACT)
    }, 30_000)
  }

  it('F-41 EIO on fsync: it takes no traffic any more, though the disk works again, until somebody has looked and started it anew', async () => {
    await start(disk.env)
    disk.fails('fsync', 'EIO')
    expect(await refusal()).toEqual(REFUSED)
    disk.works()
    await sleep(6_000)
    expect(await installation.isReady()).toBeUndefined()
    expect(await refusal()).toEqual(REFUSED)
    expect(installation.said()).toContain('SQLITE_IOERR_FSYNC')
    expect(await installation.stop()).toBe(0)
    await installation.start()
    expect(await answered()).toBe(true)
  }, 30_000)
})
