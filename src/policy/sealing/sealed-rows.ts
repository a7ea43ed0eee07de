import type { AuditEntry, VaultEntry, VaultKind, VaultStore } from '../../contract/store.ts'
import { type Binding, keyIdOf, openEnvelope, sealEnvelope } from './envelope.ts'
import type { MasterKeys } from './master-keys.ts'
import { RecentlyUsed } from './recently-used.ts'

/** The plain bytes of a row, or why there are none. */
export type RowContent = { readonly plain: Buffer } | { readonly trouble: string }

/** Opened rows are some 200 bytes each. */
const GENERATION = 5_000

interface SealedRowsInput {
  readonly store: VaultStore
  readonly master: MasterKeys
  readonly random: (bytes: number) => Buffer
}

/**
 * The vault's own rows, each sealed under a master key and bound to its kind and name, so that none can stand in for another.
 * All lie in memory as they lie in the store; those used lately are kept open too.
 */
export class SealedRows {
  readonly #store: VaultStore
  readonly #random: (bytes: number) => Buffer
  readonly #sealed = new Map<string, VaultEntry>()
  readonly #opened = new RecentlyUsed<Buffer>(GENERATION)
  #master: MasterKeys

  constructor({ store, master, random }: SealedRowsInput) {
    this.#store = store
    this.#random = random
    this.#master = master
  }

  /** Undefined where there is no such row. */
  read(kind: VaultKind, name: string): RowContent | undefined {
    const entry = this.#sealed.get(placeOf({ kind, name }))
    return entry && this.#open(entry)
  }

  /** The row that stands in the store: this one, or the one that another process wrote first. */
  async ensure(kind: VaultKind, name: string, make: () => Buffer): Promise<RowContent> {
    const standing = (await this.#store.get(kind, name)) ?? (await this.#store.ensure(this.#seal({ kind, name }, make())))
    const entry = { kind, name, value: standing }
    this.#set(entry)
    return this.#open(entry)
  }

  /** Brings in what other processes wrote and removed, of one kind or all. */
  async load(kind?: VaultKind): Promise<void> {
    const before = [...this.#sealed.values()].filter((entry) => kind === undefined || entry.kind === kind)
    const entries = await this.#store.all(kind)
    const there = new Set(entries.map(placeOf))
    for (const entry of entries) this.#set(entry)
    // Only what was known before the reading began: a row made meanwhile is not in the list and is not gone.
    for (const entry of before) if (!there.has(placeOf(entry))) this.#forget(entry)
  }

  async refresh(kind: VaultKind, name: string): Promise<void> {
    const value = await this.#store.get(kind, name)
    if (value === undefined) this.#forget({ kind, name })
    else this.#set({ kind, name, value })
  }

  get master(): MasterKeys {
    return this.#master
  }

  /** From now on these seal and open. */
  adopt(master: MasterKeys): void {
    this.#master = master
  }

  /** Seals again, in one transaction, what an older master key sealed. What does not open is left as it is and told. */
  async reseal(audit: AuditEntry): Promise<{ resealed: number; left: readonly string[] }> {
    const left: string[] = []
    const resealed: VaultEntry[] = []
    for (const entry of await this.#store.all()) {
      if (keyIdOf(entry.value) === this.#master.current.id) continue
      const content = openRow(entry, this.#master)
      if ('plain' in content) resealed.push(this.#seal(entry, content.plain))
      else left.push(`${entry.kind} ${entry.name}: ${content.trouble}`)
    }
    if (resealed.length > 0) await this.#store.replace(resealed, audit)
    await this.load()
    return { resealed: resealed.length, left }
  }

  /** How many rows each master key sealed, as they lie in the store now. */
  async countByMasterKey(): Promise<ReadonlyMap<string, { rows: number; dataKeys: number }>> {
    const counts = new Map<string, { rows: number; dataKeys: number }>()
    for (const { kind, value } of await this.#store.all()) {
      const id = keyIdOf(value) ?? 'unknown'
      const { rows, dataKeys } = counts.get(id) ?? { rows: 0, dataKeys: 0 }
      counts.set(id, { rows: rows + 1, dataKeys: dataKeys + (kind === 'data-key' ? 1 : 0) })
    }
    return counts
  }

  #open(entry: VaultEntry): RowContent {
    const place = placeOf(entry)
    const kept = this.#opened.get(place)
    if (kept) return { plain: kept }
    const content = openRow(entry, this.#master)
    if ('plain' in content) this.#opened.set(place, content.plain)
    return content
  }

  #seal({ kind, name }: RowName, plain: Buffer): VaultEntry {
    const envelope = sealEnvelope({ key: this.#master.current, binding: bindingOf({ kind, name }), plain, random: this.#random })
    return { kind, name, value: envelope }
  }

  #set(entry: VaultEntry): void {
    const place = placeOf(entry)
    if (this.#sealed.get(place)?.value !== entry.value) this.#opened.delete(place)
    this.#sealed.set(place, entry)
  }

  #forget(row: RowName): void {
    this.#sealed.delete(placeOf(row))
    this.#opened.delete(placeOf(row))
  }
}

type RowName = Pick<VaultEntry, 'kind' | 'name'>

/** A kind holds no slash, so no two rows share a place. */
const placeOf = ({ kind, name }: RowName): string => `${kind}/${name}`

const bindingOf = ({ kind, name }: RowName): Binding => ['vault', kind, name]

function openRow(entry: VaultEntry, master: MasterKeys): RowContent {
  const id = keyIdOf(entry.value)
  if (id === undefined) return { trouble: 'it is no envelope of this version' }
  const key = master.byId.get(id)
  if (key === undefined) return { trouble: notGiven(id, master) }
  const plain = openEnvelope({ key, binding: bindingOf(entry), envelope: entry.value })
  return plain ? { plain } : { trouble: `the master key given as ${id} does not open it` }
}

const notGiven = (id: string, { byId }: MasterKeys): string =>
  `it is sealed under the master key ${id}, which was not given (given: ${[...byId.keys()].join(', ')})`
