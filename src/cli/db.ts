import type { DatabaseMove, DatabaseStatus } from './local.ts'
import { type Cell, facts, type Paint } from './table.ts'
import type { Noun } from './verb.ts'

export const db: Noun = {
  name: 'db',
  does: 'the database',
  verbs: [
    {
      use: 'status',
      does: 'say what the database is and holds',
      examples: ['db status'],
      local: true,
      run: async ({ local, paint }) => {
        const status = await (await local()).databaseStatus()
        return { json: status, text: shown(status, paint) }
      },
    },
    {
      use: 'migrate',
      does: 'bring the schema up to date, as every start does',
      examples: ['db migrate'],
      local: true,
      run: async ({ local }) => {
        const status = await (await local()).migrateDatabase()
        return { json: status, text: `The schema is up to date: ${status.schema}.` }
      },
    },
    {
      use: 'trigger',
      does: "print the SQL by which another program's tables (tenants_from, settings_from) can be read and tell of changes at once",
      examples: ['db trigger'],
      local: true,
      run: async ({ local }) => {
        const sql = await (await local()).databaseTriggers()
        return { json: { sql }, text: sql }
      },
    },
    {
      use: 'move',
      does: 'copy all state from the data folder to the PostgreSQL database in DATABASE_URL or on standard input, and prove it equal',
      examples: ['db move'],
      local: true,
      run: async ({ local, terminal }) => {
        const move = await (await local()).moveDatabase(() => terminal.secret('address of the PostgreSQL database'))
        return { json: move, text: told(move), wrong: move.wrong.length > 0 }
      },
    },
    {
      use: 'backup <file>',
      does: 'copy the database, whole and consistent, while it is in use; keep it beside a copy of the master keys',
      examples: ['db backup /var/backups/tollgate-2026-08-01.db'],
      local: true,
      run: async ({ local, args: [file = ''] }) => {
        const backup = await (await local()).backupDatabase(file)
        const text = `${backup.file} holds the database (${backup.bytes} bytes). Without the master keys its provider keys open for nobody: back those up elsewhere.`
        return { json: backup, text }
      },
    },
  ],
}

function shown({ exports, ...status }: DatabaseStatus, paint: Paint): string {
  const told = exports.map(({ destination, waiting, state, error }): [string, string] => [
    `export ${destination}`,
    `${state}, ${waiting} rows wait${error === null ? '' : `: ${error}`}`,
  ])
  const known = Object.entries(status).map(([name, value]): [string, Cell] => [name, typeof value === 'boolean' ? String(value) : value])
  return facts([...known, ...told], paint)
}

function told({ rows, attempts, wrong, key_file }: DatabaseMove): string {
  const count = Object.values(rows).reduce((sum, each) => sum + each, 0)
  const keys = key_file === undefined ? 'the same master keys' : `TOLLGATE_MASTER_KEYS set to what is in ${key_file}`
  const books = wrong.length === 0 ? `The books add up over ${attempts} attempts.` : `The books do not add up:\n${wrong.join('\n')}`
  return `${count} rows were moved and read back equal. ${books}\nStart with DATABASE_URL and ${keys}. The file in the data folder is as it was.`
}
