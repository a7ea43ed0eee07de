import { existsSync, mkdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { parseOverrides } from '../config/overrides.ts'
import type { Settings } from '../config/settings.ts'
import type { ForeignTables } from '../contract/foreign.ts'
import type { Secret } from '../contract/secret.ts'
import type { Store } from '../contract/store.ts'
import { GatewayError } from '../errors.ts'
import { openSqlite } from '../store/sqlite/open.ts'

type Where = Pick<Settings, 'databaseUrl' | 'dataFolder'> & Partial<Pick<Settings, 'tenantsFrom' | 'settingsFrom'>>

interface Watch {
  readonly now: () => number
  /** Hears of what goes wrong beside the calls, and is tried again. */
  readonly trouble?: (error: unknown) => void
}

/** Where all state is: PostgreSQL where the operator named one, else a file in the data folder, or memory. Made, and brought up to date. */
export async function openStore(where: Where, { now, trouble = () => {} }: Watch): Promise<Store> {
  const { databaseUrl, dataFolder } = where
  if (databaseUrl) {
    // Loaded only here: whoever has no such database need not wait for its driver.
    const { openPostgres } = await import('../store/postgres/open.ts')
    return openPostgres({ url: databaseUrl.reveal(), now, trouble, parseOverrides, foreign: foreignOf(where) })
  }
  makeFolder(where)
  return openSqlite({ path: dataFolder === undefined ? undefined : fileOf(dataFolder), now, trouble, parseOverrides })
}

export function makeFolder({ databaseUrl, dataFolder }: Where): void {
  if (!databaseUrl && dataFolder !== undefined) mkdirSync(dataFolder, { recursive: true, mode: 0o700 })
}

const foreignOf = ({ tenantsFrom, settingsFrom }: Where): ForeignTables => ({ tenants: tenantsFrom, settings: settingsFrom })

/** What the owner of the tables that `tenants_from` and `settings_from` name may run, so that they are read and tell what changes. */
export async function followingSql(where: Where): Promise<string> {
  const { databaseUrl, tenantsFrom, settingsFrom } = where
  if (!databaseUrl || !(tenantsFrom || settingsFrom)) {
    const sentence = "No other program's tables are read: tenants_from and settings_from in gateway.yaml name some."
    throw new GatewayError('not_found', sentence)
  }
  const { triggersOf } = await import('../store/postgres/open.ts')
  return triggersOf(databaseUrl.reveal(), foreignOf(where))
}

/** Opened and closed: whatever does not fit is told, as a start would tell it. */
export async function tryForeign(where: Where): Promise<void> {
  if (!where.tenantsFrom && !where.settingsFrom) return
  const store = await openStore(where, { now: Date.now })
  await store.close()
}

/** Nothing was ever kept in the data folder, so a master key may be made there. */
export function isFresh({ dataFolder }: Where): boolean {
  if (dataFolder === undefined) return true
  const path = fileOf(dataFolder)
  return !existsSync(path) || statSync(path).size === 0
}

/** There is something to open; a server that runs may still be empty. */
export const isStanding = ({ databaseUrl, dataFolder }: Where): boolean =>
  databaseUrl !== undefined || (dataFolder !== undefined && existsSync(fileOf(dataFolder)))

export function assertStanding(where: Where): void {
  if (where.databaseUrl === undefined) standingFile(where.dataFolder)
}

/** Of what one process keeps in memory, others could only make another. */
export function assertShared({ databaseUrl, dataFolder }: Where): void {
  if (databaseUrl === undefined) sharedFolder(dataFolder)
}

/** The file of the embedded store, which is there. */
function standingFile(dataFolder: string | undefined): string {
  const file = fileOf(sharedFolder(dataFolder))
  if (existsSync(file)) return file
  throw new GatewayError(
    'database_unusable',
    `There is no database at ${file}: the first start makes it, and TOLLGATE_DATA names its folder.`,
  )
}

function sharedFolder(dataFolder: string | undefined): string {
  if (dataFolder !== undefined) return dataFolder
  const sentence = 'What a gateway keeps in memory no other process can open: speak to the gateway, with --url.'
  throw new GatewayError('database_unusable', sentence)
}

/** Moves all state from the file in the data folder to a PostgreSQL database, and opens it there. The file stays as it is. */
export async function moveStore({ dataFolder }: Where, url: Secret): Promise<{ moved: Readonly<Record<string, number>>; store: Store }> {
  const file = standingFile(dataFolder)
  const now = Date.now
  // Both are brought up to date first, so that their tables are alike.
  await (await openStore({ databaseUrl: undefined, dataFolder }, { now })).close()
  const [{ moveSqlite }, store] = await Promise.all([import('../store/move.ts'), openStore({ databaseUrl: url, dataFolder }, { now })])
  try {
    return { moved: await moveSqlite(file, { url: url.reveal(), schema: 'tollgate' }, now()), store }
  } catch (error) {
    await store.close()
    throw error
  }
}

/** The file of the embedded store, for a copy of it. */
export function embeddedFile(where: Where): string {
  if (where.databaseUrl) {
    const sentence = 'The database is PostgreSQL, which makes its own copies while it is in use: pg_dump --schema=tollgate --format=custom.'
    throw new GatewayError('database_unusable', sentence)
  }
  return standingFile(where.dataFolder)
}

/** What an operator calls it. */
export function nameOf({ databaseUrl, dataFolder }: Where): string {
  if (databaseUrl) return `PostgreSQL at ${new URL(databaseUrl.reveal()).host}`
  return dataFolder === undefined ? 'in memory, gone with this process' : `SQLite in ${dataFolder}`
}

const fileOf = (dataFolder: string): string => join(dataFolder, 'tollgate.db')
