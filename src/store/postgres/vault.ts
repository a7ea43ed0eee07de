import type { VaultEntry, VaultStore } from '../../contract/store.ts'
import type { Desk } from './desk.ts'

export function vaultStore({ db, mutate }: Desk): VaultStore {
  const get: VaultStore['get'] = async (kind, name) =>
    (await db.rows<{ value: string }>('SELECT value FROM vault WHERE kind = $1 AND name = $2', kind, name))[0]?.value

  return {
    get,
    all: (kind) =>
      db.rows<VaultEntry>('SELECT kind, name, value FROM vault WHERE kind = coalesce($1, kind) ORDER BY kind, name', kind ?? null),
    async ensure({ kind, name, value }) {
      await db.run('INSERT INTO vault (kind, name, value) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING', kind, name, value)
      return (await get(kind, name)) ?? value
    },
    replace: (entries, entry) =>
      mutate(entry, async (tx) => {
        const columns = [entries.map(({ kind }) => kind), entries.map(({ name }) => name), entries.map(({ value }) => value)]
        await tx.run(
          `UPDATE vault SET value = given.value FROM unnest($1::text[], $2::text[], $3::text[]) AS given (kind, name, value)
          WHERE vault.kind = given.kind AND vault.name = given.name`,
          ...columns,
        )
      }),
  }
}
