import type { Database } from 'better-sqlite3'
import { keyId, tenantId } from '../../contract/ids.ts'
import type { DirectoryChanges, DirectoryImage, Store, Touched } from '../../contract/store.ts'
import type { ParseOverrides } from '../rows/tenants.ts'
import { keyReader } from './gateway-keys.ts'
import { settingReader } from './settings.ts'
import { tenantReader } from './tenants.ts'

/** How many changes stay listed. Who is further behind reads everything again. */
const KEPT = 10_000

const TOUCHED: readonly Touched[] = ['catalog', 'incident']

interface Input {
  db: Database
  /** Milliseconds between two looks. */
  poll: number
  trouble: (error: unknown) => void
  parseOverrides: ParseOverrides
}

/** The directory as it lies in the tables, and what changes in it, whoever changes it. */
export function directoryOf({ db, poll, trouble, parseOverrides }: Input): Pick<Store, 'load' | 'watch' | 'refresh'> & { close(): void } {
  const read = changeReader(db, parseOverrides)
  // Moves with every commit of another process and with none of ours, the ledger's least of all; ours are told by `refresh`.
  const dataVersion = db.prepare<[], number>('PRAGMA data_version').pluck()
  const watchers = new Set<Parameters<Store['watch']>[0]>()
  let position = read.newest()
  let seen = dataVersion.get()
  let timer: NodeJS.Timeout | undefined
  let telling = Promise.resolve()
  let looking = false

  /** One telling after the other, so that no watcher hears of a change before it is done with the one before. */
  function tell(): Promise<void> {
    const told = telling.then(tellNext)
    telling = told.catch(() => {})
    return told
  }

  async function tellNext(): Promise<void> {
    // Without a watcher the position stays, so that the first one hears all that happened since `load`.
    if (watchers.size === 0) return
    const { newest, changes } = read.since(position)
    if (changes) await Promise.all([...watchers].map((changed) => changed(changes)))
    position = newest
  }

  async function look(): Promise<void> {
    if (looking) return
    looking = true
    try {
      read.trim()
      // The version is taken before the reading: a commit in between is seen twice rather than never.
      const version = dataVersion.get()
      if (version !== seen) await tell()
      seen = version
    } catch (error) {
      trouble(error)
    } finally {
      looking = false
    }
  }

  return {
    async load() {
      const { newest, image } = read.everything()
      if (watchers.size === 0) position = newest
      return image
    },
    watch(changed) {
      watchers.add(changed)
      timer ??= setInterval(() => void look(), poll).unref()
      return () => void watchers.delete(changed)
    },
    refresh: tell,
    close: () => clearInterval(timer),
  }
}

function changeReader(db: Database, parseOverrides: ParseOverrides) {
  const tenants = tenantReader(db, parseOverrides)
  const settings = settingReader(db)
  const keys = keyReader(db)
  const newest = db.prepare<[], number>('SELECT coalesce(max(seq), 0) FROM changes').pluck()
  const oldest = db.prepare<[], number>('SELECT coalesce(min(seq), 0) FROM changes').pluck()
  const idsSince = db.prepare<[string, number], string>('SELECT DISTINCT id FROM changes WHERE kind = ? AND seq > ?').pluck()
  const someSince = db.prepare<[string, number], number>('SELECT 1 FROM changes WHERE kind = ? AND seq > ? LIMIT 1').pluck()
  const trim = db.prepare('DELETE FROM changes WHERE seq <= ?')

  const image = (): DirectoryImage => ({ tenants: tenants.all(), settings: settings.all(), keys: keys.all() })

  function changesSince(position: number, last: number): DirectoryChanges | undefined {
    if (last <= position) return undefined
    if (last - position > KEPT) return { tenants: [], keys: [], touched: new Set(TOUCHED), everything: image() }
    const touched = TOUCHED.filter((kind) => someSince.get(kind, position) !== undefined)
    return {
      tenants: idsSince.all('tenant', position).map((text) => {
        const id = tenantId(text)
        return { id, tenant: tenants.get(id), settings: settings.of(id) }
      }),
      keys: idsSince.all('key', position).map((text) => ({ id: keyId(text), key: keys.get(keyId(text)) })),
      ...(touched.length > 0 && { touched: new Set(touched) }),
    }
  }

  return {
    newest: () => newest.get() ?? 0,
    everything: db.transaction(() => ({ newest: newest.get() ?? 0, image: image() })),
    since: db.transaction((position: number) => {
      const last = newest.get() ?? 0
      return { newest: last, changes: changesSince(position, last) }
    }),
    /** Rarely, for it writes: only once as many again are listed as are kept. */
    trim() {
      const last = newest.get() ?? 0
      if (last - (oldest.get() ?? 0) > 2 * KEPT) trim.run(last - KEPT)
    },
  }
}
