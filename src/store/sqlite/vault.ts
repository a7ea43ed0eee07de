import type { VaultEntry, VaultKind, VaultStore } from '../../contract/store.ts'
import { whenFree } from './connection.ts'
import type { Desk } from './mutation.ts'

export function vaultStore({ db, mutate }: Desk): VaultStore {
  const all = db.prepare<[VaultKind | null], VaultEntry>('SELECT kind, name, value FROM vault WHERE kind = coalesce(?, kind)')
  const one = db.prepare<[VaultKind, string], string>('SELECT value FROM vault WHERE kind = ? AND name = ?').pluck()
  const insert = db.prepare<[VaultKind, string, string]>('INSERT INTO vault (kind, name, value) VALUES (?, ?, ?) ON CONFLICT DO NOTHING')
  const replace = db.prepare<[string, VaultKind, string]>('UPDATE vault SET value = ? WHERE kind = ? AND name = ?')

  return {
    all: async (kind) => all.all(kind ?? null),
    get: async (kind, name) => one.get(kind, name),
    async ensure({ kind, name, value }) {
      await whenFree(() => insert.run(kind, name, value))
      return one.get(kind, name) ?? value
    },
    replace: (entries, entry) =>
      mutate(entry, () => {
        for (const { kind, name, value } of entries) replace.run(value, kind, name)
      }),
  }
}
