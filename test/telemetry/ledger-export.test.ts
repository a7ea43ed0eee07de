import { createHmac } from 'node:crypto'
import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { ExportCursor } from '../../src/contract/export.ts'
import { Secret } from '../../src/contract/secret.ts'
import type { Store } from '../../src/contract/store.ts'
import type { Web } from '../../src/contract/web.ts'
import { showExported } from '../../src/http/requests.ts'
import { folderDestination } from '../../src/telemetry/export-folder.ts'
import { webhookDestination } from '../../src/telemetry/export-webhook.ts'
import { createLedgerExport, type Destination } from '../../src/telemetry/ledger-export.ts'
import { createWeb } from '../../src/upstream/web.ts'
import { type FakeProvider, startFakeProvider } from '../support/fake-provider.ts'
import { ended, NOON, reserved, someStart, sqliteDatabase, type TestDatabase } from '../support/stores.ts'

let database: TestDatabase
let store: Store
let clock: number
let parked: ExportCursor[]

const MINUTE = 60_000

beforeEach(async () => {
  clock = NOON
  parked = []
  database = await sqliteDatabase(() => clock)
  store = await database.open()
})
afterEach(() => database.drop())

const book = async (...ids: string[]) => {
  await store.ledger.write(ids.map((id) => reserved(someStart(id))))
  await store.ledger.write(ids.map((id) => ended(someStart(id))))
}
const exporting = (destinations: readonly Destination[], { of = store, holder = 'one' } = {}) =>
  createLedgerExport({
    ...{ store: of.exports, leases: of.leases, holder, destinations: () => destinations, now: () => clock },
    onParked: (cursor) => parked.push(cursor),
    onTrouble: (error) => expect.unreachable(String(error)),
  })

describe('an address that hears of ended attempts', () => {
  let receiver: FakeProvider
  let web: Web
  beforeEach(async () => {
    receiver = await startFakeProvider({ status: 204 })
    web = createWeb()
  })
  afterEach(async () => {
    await web.close()
    await receiver.close()
  })

  const hook = (over: object = {}) =>
    webhookDestination(
      { name: 'billing', url: `${receiver.origin}/usage`, secret: new Secret('a shared secret'), private: true, ...over },
      { web, show: showExported, now: () => clock },
    )
  const heard = () => receiver.journal.flatMap(({ body }) => JSON.parse(body.toString()).data.rows.map(({ id }: { id: string }) => id))

  it('gets each as an export has it, signed, once and in order, whoever sends it', async () => {
    await book('a', 'b')
    const other = await database.open()
    await exporting([hook()]).deliver()
    await exporting([hook()], { of: other, holder: 'two' }).deliver()
    clock += MINUTE
    await book('c')
    await exporting([hook()], { of: other, holder: 'two' }).deliver()
    expect(heard()).toEqual(['a.1', 'b.1', 'c.1'])
    const [first] = receiver.journal
    const { 'webhook-id': id, 'webhook-timestamp': time, 'webhook-signature': signature } = first?.headers ?? {}
    const body = first?.body.toString() ?? ''
    expect(signature).toBe(`v1,${createHmac('sha256', 'a shared secret').update(`${id}.${time}.${body}`).digest('base64')}`)
    const { type, data } = JSON.parse(body)
    expect([type, id, data.subject]).toEqual(['ledger.rows', 'led_billing_1_2', 'billing'])
    expect(data.rows[0]).toMatchObject({
      record: 'attempt',
      seq: 1,
      id: 'a.1',
      request_id: 'a',
      state: 'settled',
      cost_usd: '0.0001205',
      tags: ['batch'],
    })
  })

  it('gets what it did not take again, in the same order, later and later', async () => {
    receiver.answer({ status: 500 })
    await book('a')
    const tries: number[] = []
    for (let second = 0; second < 3_000; second += 5) {
      clock = NOON + second * 1_000
      const before = receiver.journal.length
      await exporting([hook()]).deliver()
      if (receiver.journal.length > before) tries.push(second)
    }
    expect(tries).toEqual([0, 5, 35, 155, 755, 2_555])
    expect(await store.exports.standings()).toMatchObject([
      { destination: 'billing', seq: 0, failures: 6, error: 'answered 500', waiting: 1 },
    ])
    await book('b')
    receiver.answer({ status: 200 })
    clock += 60 * MINUTE
    await exporting([hook()]).deliver()
    expect(heard().slice(-2)).toEqual(['a.1', 'b.1'])
    expect(await store.exports.standings()).toMatchObject([{ failures: 0, error: undefined, waiting: 0 }])
  })

  it('is left alone after a day of failures, with all rows kept, until somebody says that it is well', async () => {
    receiver.answer({ status: 302, headers: { location: 'https://elsewhere.example/' } })
    await book('a')
    const outbox = exporting([hook()])
    for (; clock <= NOON + 26 * 60 * MINUTE; clock += 30 * MINUTE) await outbox.deliver()
    const tries = receiver.journal.length
    expect(parked).toMatchObject([{ destination: 'billing', error: 'answered 302', failingSince: NOON }])
    await book('b')
    clock += 9 * 24 * 60 * MINUTE
    await outbox.deliver()
    expect(receiver.journal.length).toBe(tries)
    receiver.answer({ status: 200 })
    await store.exports.resume('billing', {
      at: '',
      actor: 'cli',
      action: 'export.resume',
      tenant: undefined,
      object: 'billing',
      detail: {},
    })
    await outbox.deliver()
    expect(heard().slice(-2)).toEqual(['a.1', 'b.1'])
  })

  it('never is one on an inner network unasked, and a slow one keeps nobody else waiting', async () => {
    await book('a')
    const slow = await startFakeProvider({ status: 200, after: 1_500 })
    const inner = hook({ name: 'inner', private: false })
    const late = hook({ name: 'late', url: `${slow.origin}/` })
    const all = exporting([late, inner, hook()]).deliver()
    await expect.poll(heard, { timeout: 1_000 }).toEqual(['a.1'])
    await all
    expect(await store.exports.standings()).toMatchObject([
      { destination: 'billing', failures: 0 },
      { destination: 'inner', failures: 1, error: expect.stringContaining('not allowed') },
      { destination: 'late', failures: 0 },
    ])
    await slow.close()
  })
})

describe('a folder that hears of ended attempts', () => {
  let folder: string
  beforeEach(() => {
    folder = join(mkdtempSync(join(tmpdir(), 'tollgate-export-')), 'lake')
  })
  afterEach(() => rmSync(join(folder, '..'), { recursive: true }))

  const lake = (mostBytes = 1_000_000) => folderDestination({ name: 'lake', folder, mostBytes }, { show: showExported, now: () => clock })
  const files = () => readdirSync(folder).toSorted()
  const idsIn = (file: string | undefined) =>
    readFileSync(join(folder, file ?? ''), 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line).id)

  it('has lines in a file that is open for a day, and then whole for good', async () => {
    await book('a')
    await exporting([lake()]).deliver()
    await book('b')
    await exporting([lake()]).deliver()
    expect(files()).toEqual(['ledger-2026-08-01T120000.000Z-1.ndjson.part'])
    expect(idsIn(files()[0])).toEqual(['a.1', 'b.1'])
    clock += 24 * 60 * MINUTE
    await exporting([lake()]).deliver()
    expect(files()).toEqual(['ledger-2026-08-01T120000.000Z-1.ndjson'])
    await book('c')
    await exporting([lake()]).deliver()
    expect(files().map(idsIn)).toEqual([['a.1', 'b.1'], ['c.1']])
  })

  it('begins another file where one is large enough', async () => {
    for (const id of ['a', 'b']) {
      await book(id)
      await exporting([lake(100)]).deliver()
    }
    expect(files()).toEqual(['ledger-2026-08-01T120000.000Z-1.ndjson', 'ledger-2026-08-01T120000.000Z-2.ndjson'])
  })

  it('goes on after a line that was torn, and has every row whole', async () => {
    await book('a')
    await exporting([lake()]).deliver()
    appendFileSync(join(folder, files()[0] ?? ''), '{"record":"attempt","seq":2,"id":"b')
    await book('b')
    await exporting([lake()]).deliver()
    expect(files().map(idsIn)).toEqual([['a.1', 'b.1']])
  })

  it('that cannot be written to is an error like any other', async () => {
    await book('a')
    await exporting([lake()]).deliver()
    await book('b')
    const below = join(folder, files()[0] ?? '', 'below')
    const nowhere = folderDestination({ name: 'other', folder: below, mostBytes: 9 }, { show: showExported, now: () => clock })
    await exporting([nowhere]).deliver()
    expect((await store.exports.standings())[1]).toMatchObject({ failures: 1, error: expect.stringMatching(/^ENOTDIR/), waiting: 2 })
  })
})
