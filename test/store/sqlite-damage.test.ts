import {
  closeSync,
  copyFileSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { parseOverrides } from '../../src/config/overrides.ts'
import type { Store } from '../../src/contract/store.ts'
import { verifyBooks } from '../../src/ledger/verify.ts'
import { assertVersion } from '../../src/store/sqlite/connection.ts'
import { backupSqlite, openSqlite } from '../../src/store/sqlite/open.ts'
import { ended, entry, NOON, reserved, someStart, someTenant } from '../support/stores.ts'

const PAGE = 4_096

describe('a SQLite database on a disk that is not to be trusted', () => {
  let folder: string
  let path: string
  const stores: Store[] = []

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'tollgate-damage-'))
    path = join(folder, 'tollgate.db')
  })
  afterEach(async () => {
    for (const store of stores.splice(0)) await store.close().catch(() => undefined)
    rmSync(folder, { recursive: true })
  })

  async function open(at = path): Promise<Store> {
    const store = await openSqlite({ path: at, now: () => NOON, parseOverrides })
    stores.push(store)
    return store
  }

  /** What a process that was killed after so many attempts leaves, in a folder of its own. */
  async function left(attempts: number, checkpoint: boolean): Promise<string> {
    const live = await open()
    await live.tenants.create(someTenant('brennan'), entry('tenant.create'))
    for (let n = 0; n < attempts; n++) await live.ledger.write([reserved(someStart(`r-${n}`)), ended(someStart(`r-${n}`))])
    await live.ledger.write([reserved(someStart('open'))])
    if (checkpoint) byHand(path, 'PRAGMA wal_checkpoint(TRUNCATE)')
    const at = join(folder, 'left.db')
    for (const rest of ['', '-wal', '-boot-1']) copyFileSync(path + rest, at + rest)
    return at
  }

  const byHand = (at: string, sql: string): void => {
    const db = new Database(at)
    db.exec(sql)
    db.close()
  }

  function overwrite(at: string, from: number, bytes: number): void {
    const file = openSync(at, 'r+')
    writeSync(file, Buffer.alloc(bytes, 0xa5), 0, bytes, from)
    closeSync(file)
  }

  const pageOf = (at: string, table: string): number => {
    const db = new Database(at, { readonly: true })
    const page = db.prepare<[string], number>('SELECT rootpage FROM sqlite_schema WHERE name = ?').pluck().get(table) ?? 0
    db.close()
    return page
  }

  it('F-42 a reader that stays lets the log grow, and it is cut again when the reader has gone', { timeout: 60_000 }, async () => {
    const store = await open()
    await store.ledger.write([reserved(someStart('first'))])
    const reader = new Database(path, { readonly: true })
    reader.exec('BEGIN; SELECT count(*) FROM attempts')
    const log = () => statSync(`${path}-wal`).size
    const wordy = 'x'.repeat(100_000)
    for (let n = 0; log() < 80 * 1024 * 1024; n++) {
      await store.ledger.write(Array.from({ length: 50 }, (_, at) => reserved(someStart(`r-${n}-${at}`, { tags: [wordy] }))))
    }
    reader.close()
    for (let n = 0; n < 3; n++) await store.ledger.write([reserved(someStart(`last-${n}`))])
    expect(log()).toBeLessThanOrEqual(64 * 1024 * 1024)
  })

  it('F-43 is not opened by a SQLite that can corrupt it', () => {
    const db = new Database(':memory:')
    const claiming = (version: string) => () => assertVersion(db.function('sqlite_version', () => version))
    for (const old of ['3.7.0', '3.50.4', '3.51.2']) expect(claiming(old), old).toThrow(/can corrupt a database/)
    for (const sound of ['3.51.3', '3.52.0', '4.0.0']) expect(claiming(sound), sound).not.toThrow()
    db.close()
  })

  const places = { 'a page of tenants': 'tenants', 'a page of the books': 'attempts', 'a page of an index': 'attempts_once' }
  it.each(Object.entries(places))(
    'F-44 refuses to start over %s that was overwritten, says what to do, and changes nothing',
    async (_what, table) => {
      const at = await left(200, true)
      overwrite(at, (pageOf(at, table) - 1) * PAGE, 200)
      const before = readFileSync(at)
      await expect(open(at)).rejects.toMatchObject({
        code: 'database_unusable',
        message: expect.stringMatching(/^The database is damaged \(.+put the last backup in the place of tollgate\.db/),
      })
      expect(readFileSync(at).equals(before), 'the file is as it was').toBe(true)
    },
  )

  it('F-44 refuses to start over a file that is no database', async () => {
    writeFileSync(path, 'Once there was a database here.'.repeat(1_000))
    await expect(open()).rejects.toMatchObject({ code: 'database_unusable', message: expect.stringContaining('damaged (SQLITE_NOTADB') })
  })

  it('F-44 starts from the backup that those words speak of', async () => {
    const at = await left(20, true)
    const backup = join(folder, 'backup.db')
    await backupSqlite(at, backup)
    overwrite(at, (pageOf(at, 'tenants') - 1) * PAGE, 200)
    await expect(open(at)).rejects.toMatchObject({ code: 'database_unusable' })
    for (const rest of ['-wal', '-shm', '-boot-1']) rmSync(at + rest, { force: true })
    copyFileSync(backup, at)
    const restored = await open(at)
    expect((await restored.load()).tenants).toEqual([someTenant('brennan')])
    expect(await verifyBooks(restored.ledger, NOON)).toMatchObject({ attempts: 21, wrong: [] })
  })

  it('F-44 a log that was cut anywhere loses whole transactions from its end, and the books add up', { timeout: 60_000 }, async () => {
    const at = await left(40, false)
    const [file, log] = [readFileSync(at), readFileSync(`${at}-wal`)]
    for (let keep = log.length; keep > log.length / 2; keep -= 7_919) {
      writeFileSync(at, file)
      writeFileSync(`${at}-wal`, log)
      rmSync(`${at}-shm`, { force: true })
      truncateSync(`${at}-wal`, keep)
      const store = await openSqlite({ path: at, now: () => NOON, parseOverrides })
      const { attempts, wrong } = await verifyBooks(store.ledger, NOON)
      expect({ keep, wrong }).toEqual({ keep, wrong: [] })
      expect((await store.load()).tenants.length, `tenants where ${keep} bytes of the log are left`).toBe(1)
      expect(attempts).toBeGreaterThan(5)
      await store.close()
    }
  })

  it('F-44 does without the index of its log', async () => {
    const at = await left(20, false)
    rmSync(`${at}-shm`, { force: true })
    expect(await verifyBooks((await open(at)).ledger, NOON)).toMatchObject({ attempts: 21, wrong: [] })
  })
})
