import { keyId, tenantId } from '../../contract/ids.ts'
import type { DirectoryChanges, DirectoryImage, Store, Touched } from '../../contract/store.ts'
import type { ParseOverrides } from '../rows/tenants.ts'
import type { Access, Database, Queries } from './database.ts'
import { type Comparison, comparer } from './following.ts'
import { readKeys } from './gateway-keys.ts'
import { listen } from './listener.ts'
import { readSettings } from './settings.ts'
import type { Sources } from './sources.ts'
import { readTenants } from './tenants.ts'

/** How many changes stay listed. Who is further behind reads everything again. */
const KEPT = 10_000

const TOUCHED: readonly Touched[] = ['catalog', 'incident']

interface Input {
  readonly db: Database
  readonly access: Access
  /** Milliseconds between two looks where no notice comes. */
  readonly poll: number
  readonly trouble: (error: unknown) => void
  readonly parse: ParseOverrides
  readonly sources: Sources
}

/** How rows are read. */
type Reading = Pick<Input, 'parse' | 'sources'>

/** The directory as it lies in the tables, and what changes in it, whoever changes it. */
export async function directoryOf({ db, access, poll, trouble, ...reading }: Input) {
  const watchers = new Set<Parameters<Store['watch']>[0]>()
  const reader = await readerOf(db, reading)
  let telling: Promise<void> = Promise.resolve()
  let next: Promise<void> | undefined
  let timer: NodeJS.Timeout | undefined
  let unlisten: (() => Promise<void>) | undefined

  /** One telling after the other. Whoever asks while one waits for its turn shares it: it has not begun to read. */
  function tell(): Promise<void> {
    next ??= telling.then(() => {
      next = undefined
      return tellNext()
    })
    telling = next.catch(() => {})
    return next
  }

  async function tellNext(): Promise<void> {
    // Without a watcher the position stays, so that the first one hears all that happened since `load`.
    if (watchers.size === 0) return
    const { changes, settle } = await reader.since()
    if (changes) await Promise.all([...watchers].map((changed) => changed(changes)))
    settle()
  }

  const look = (): void => void tell().catch(trouble)

  function follow(): void {
    unlisten = listen({ access, heard: look, trouble })
    timer = setInterval(() => {
      reader.compareNext()
      look()
      void trim(db).catch(trouble)
    }, poll).unref()
  }

  return {
    async load(): Promise<DirectoryImage> {
      const { image, settle } = await reader.everything()
      if (watchers.size === 0) settle()
      return image
    },
    watch(changed: Parameters<Store['watch']>[0]): () => void {
      watchers.add(changed)
      if (!timer) follow()
      return () => void watchers.delete(changed)
    },
    refresh: tell,
    async close(): Promise<void> {
      clearInterval(timer)
      watchers.clear()
      await unlisten?.()
      await telling
    },
  }
}

/** Reads from where it was last settled: whoever could not be told hears of the same again. */
async function readerOf(db: Database, reading: Reading) {
  const compare = comparer(reading.sources)
  let position = await db.snapshot(snapshotOf)
  let isDue = false

  const settling = (newest: string, compared: Comparison | undefined) => (): void => {
    position = newest
    compared?.keep()
  }

  return {
    everything: () =>
      db.snapshot(async (tx) => {
        const newest = await snapshotOf(tx)
        return { image: await imageOf(tx, reading), settle: settling(newest, await compare?.(tx)) }
      }),
    since: () =>
      db.snapshot(async (tx) => {
        const compared = isDue ? await compare?.(tx) : undefined
        isDue = false
        const { newest, changes } = await changesSince(tx, { ...reading, position, others: compared?.ids ?? [] })
        return { changes, settle: settling(newest, compared) }
      }),
    /** Tables that tell of nothing by themselves are compared at the next look, and not at each: that reads them whole. */
    compareNext: () => void (isDue = true),
  }
}

/** Which transactions are committed by now. */
async function snapshotOf(tx: Queries): Promise<string> {
  const [row] = await tx.rows<{ now: string }>('SELECT pg_current_snapshot()::text AS now')
  return row?.now ?? ''
}

const imageOf = async (tx: Queries, reading: Reading): Promise<DirectoryImage> => ({
  tenants: await readTenants(tx, reading),
  settings: await readSettings(tx, reading.sources),
  keys: await readKeys(tx),
})

/**
 * What was committed after a snapshot was taken, seen from another: exact however long a transaction took and in whatever order they
 * ended. A snapshot from a time to come is of a database that was since restored: everything is read again.
 */
async function changesSince(tx: Queries, { position, others, ...reading }: Since): Promise<{ newest: string; changes?: DirectoryChanges }> {
  const newest = await snapshotOf(tx)
  const listed = await tx.rows<{ kind: string; id: string }>(
    `SELECT kind, id FROM changes
    WHERE txid >= pg_snapshot_xmin($1::pg_snapshot) AND NOT pg_visible_in_snapshot(txid, $1::pg_snapshot) ORDER BY seq LIMIT $2`,
    ...[position, KEPT],
  )
  const rows = [...listed, ...others.map((id) => ({ kind: 'tenant', id }))]
  if (rows.length >= KEPT || rows.some(({ kind }) => kind === 'everything') || endOf(newest) < endOf(position)) {
    return { newest, changes: { tenants: [], keys: [], touched: new Set(TOUCHED), everything: await imageOf(tx, reading) } }
  }
  return rows.length === 0 ? { newest } : { newest, changes: await changesOf(tx, rows, reading) }
}

interface Since extends Reading {
  readonly position: string
  /** Tenants found otherwise changed. */
  readonly others: readonly string[]
}

/** The first transaction that had not begun: `xmin:xmax:…` */
const endOf = (snapshot: string): bigint => BigInt(snapshot.split(':')[1] ?? 0)

async function changesOf(tx: Queries, rows: readonly { kind: string; id: string }[], reading: Reading): Promise<DirectoryChanges> {
  const idsOf = (kind: string) => [...new Set(rows.filter((row) => row.kind === kind).map(({ id }) => id))]
  const [tenantIds, keyIds] = [idsOf('tenant').map(tenantId), idsOf('key').map(keyId)]
  const touched = TOUCHED.filter((kind) => idsOf(kind).length > 0)
  const tenants = new Map((await readTenants(tx, reading, tenantIds)).map((tenant) => [tenant.id, tenant]))
  const settings = Map.groupBy(await readSettings(tx, reading.sources, tenantIds), ({ tenant }) => tenant)
  const keys = new Map((await readKeys(tx, keyIds)).map((key) => [key.id, key]))
  return {
    tenants: tenantIds.map((id) => ({ id, tenant: tenants.get(id), settings: settings.get(id) ?? [] })),
    keys: keyIds.map((id) => ({ id, key: keys.get(id) })),
    ...(touched.length > 0 && { touched: new Set(touched) }),
  }
}

/** Rarely, for it writes: only once as many again are listed as are kept. Who has not read the newest of them is told everything. */
async function trim(db: Database): Promise<void> {
  const after = (offset: number) => `(SELECT seq FROM changes ORDER BY seq DESC OFFSET ${offset} LIMIT 1)`
  await db.run(`DELETE FROM changes WHERE seq <= ${after(KEPT)} AND EXISTS ${after(2 * KEPT)}`)
}
