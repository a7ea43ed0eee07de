import type { AuditEntry, VaultEntry, VaultKind, VaultStore } from '../../src/contract/store.ts'

/** A vault store in memory; several vaults over one stand for several processes over one database. */
export function memoryVaultStore(rows = new Map<string, VaultEntry>()): VaultStore & {
  readonly rows: Map<string, VaultEntry>
  readonly audit: AuditEntry[]
} {
  const place = (kind: VaultKind, name: string): string => `${kind} ${name}`
  const audit: AuditEntry[] = []
  return {
    rows,
    audit,
    all: async (kind) => [...rows.values()].filter((entry) => kind === undefined || entry.kind === kind),
    get: async (kind, name) => rows.get(place(kind, name))?.value,
    async ensure(entry) {
      const standing = rows.get(place(entry.kind, entry.name)) ?? entry
      rows.set(place(entry.kind, entry.name), standing)
      return standing.value
    },
    async replace(entries, entry) {
      for (const one of entries) if (rows.has(place(one.kind, one.name))) rows.set(place(one.kind, one.name), one)
      audit.push(entry)
    },
  }
}
