import type { Asked } from './asked.ts'
import type { AuditEntry } from './audit.ts'
import type { GatewayKey, Tenant } from './caller.ts'
import type { ClaimStore } from './copy.ts'
import type { ErasedRows } from './erasure.ts'
import type { Delivery, DeliveryState, GatewayEvent } from './event.ts'
import type { ExportStanding, ExportStore } from './export.ts'
import type { KeyId, TenantId } from './ids.ts'
import type { Incident } from './incident.ts'
import type { KeeperRow } from './kept.ts'
import type { AttemptId, AttemptRow, Spare, Written } from './ledger.ts'
import type { Balance, KeptBalance, Source } from './meter.ts'
import type { KeptSnapshot } from './refresh.ts'
import type { RetentionStore, SealedDay } from './retention.ts'
import type { KeySum, UsageSum } from './sums.ts'

export type { AuditEntry } from './audit.ts'

export type { KeySum, UsageSum } from './sums.ts'

/**
 * Everything durable, behind one port. Asynchronous because PostgreSQL implements it too. The hot path never calls it: it reads the
 * in-memory directory, which `load` fills and `watch` keeps fresh.
 */
export interface Store {
  readonly tenants: TenantStore
  readonly settings: SettingStore
  readonly keys: KeyStore
  readonly vault: VaultStore
  readonly audit: AuditStore
  readonly ledger: LedgerStore
  readonly catalog: CatalogStore
  readonly incidents: IncidentStore
  readonly leases: LeaseStore
  readonly events: EventStore
  readonly asks: AskStore
  readonly keepers: KeeperStore
  readonly exports: ExportStore
  readonly retention: RetentionStore
  readonly claims: ClaimStore
  /** Everything the directory holds, in one consistent read. */
  load(): Promise<DirectoryImage>
  /** Calls back with the tenants and keys that changed in other hands; a tenant without `tenant` is gone. Returns how to stop. */
  watch(changed: (changes: DirectoryChanges) => void | Promise<void>): () => void
  /** Brings what this process wrote into its own watchers, and waits for them, so that an admin call reads its own writes. */
  refresh(): Promise<void>
  readonly setup: StoreSetup
  status(): Promise<StoreStatus>
  close(): Promise<void>
}

export interface DirectoryImage {
  readonly tenants: readonly Tenant[]
  readonly settings: readonly SettingRow[]
  readonly keys: readonly GatewayKey[]
}

export interface DirectoryChanges {
  readonly tenants: readonly { readonly id: TenantId; readonly tenant: Tenant | undefined; readonly settings: readonly SettingRow[] }[]
  readonly keys: readonly { readonly id: KeyId; readonly key: GatewayKey | undefined }[]
  /** Small tables in which something changed: whoever holds one in memory reads it again, whole. */
  readonly touched?: ReadonlySet<Touched>
  /** The list of changes was cut before it was read: everything was loaded again. */
  readonly everything?: DirectoryImage
}

export type Touched = 'catalog' | 'incident'

/** A row of `tenant_settings` as it lies in the table, its times as ISO 8601. */
export interface SettingRow {
  readonly tenant: TenantId
  /** As written, in whatever case. */
  readonly key: string
  readonly value: string
  readonly createdAt: string
  readonly updatedAt: string
}

export interface TenantStore {
  /** Fails with `already_exists` where the slug or id is any tenant's slug or id. */
  create(tenant: Tenant, audit: AuditEntry): Promise<void>
  update(tenant: Tenant, audit: AuditEntry): Promise<void>
  delete(id: TenantId, audit: AuditEntry): Promise<void>
  /** Deletes the tenant, its data key and all that names it or its users; the books stay, under its id. Tells what became of each table. */
  erase(id: TenantId, audit: AuditEntry): Promise<readonly ErasedRows[]>
}

export interface SettingStore {
  /** Writes and removes rows in one transaction; keys are matched exactly as written. */
  write(
    tenant: TenantId,
    change: { put: readonly { key: string; value: string }[]; remove: readonly string[] },
    audit: AuditEntry,
  ): Promise<void>
}

export interface KeyStore {
  create(key: GatewayKey, audit: AuditEntry): Promise<void>
  update(key: GatewayKey, audit: AuditEntry): Promise<void>
}

/** Sealed things that are not a tenant's rows: data keys, the pepper, the check value, vault ids. */
export interface VaultStore {
  /** All of one kind, or of all: a few, plus one data key per tenant that has ever stored a key or sent an idempotency key. */
  all(kind?: VaultKind): Promise<readonly VaultEntry[]>
  get(kind: VaultKind, name: string): Promise<string | undefined>
  /** Writes where there is none yet and returns the one that stands, so that two processes agree. */
  ensure(entry: VaultEntry): Promise<string>
  /** Replaces all given entries in one transaction (master key rotation). One that is gone stays gone: its tenant was erased meanwhile. */
  replace(entries: readonly VaultEntry[], audit: AuditEntry): Promise<void>
}

/** `check`: tells a wrong master key. `pepper`: of gateway keys. `data-key`: by tenant id. `group`: a key group's immutable vault id. Every value is an envelope. */
export type VaultKind = 'check' | 'pepper' | 'data-key' | 'group'

export interface VaultEntry {
  readonly kind: VaultKind
  readonly name: string
  readonly value: string
}

export interface AuditStore {
  append(entry: AuditEntry): Promise<void>
  list(query: { tenant?: TenantId; before?: number; limit: number }): Promise<readonly (AuditEntry & { readonly seq: number })[]>
}

/** Refreshed snapshots of the catalogue; the newest is in force. */
export interface CatalogStore {
  newest(): Promise<KeptSnapshot | undefined>
  keep(snapshot: KeptSnapshot, audit: AuditEntry): Promise<void>
  /** Takes this one back, where it is the newest: the one before it is in force again. */
  drop(snapshot: string, audit: AuditEntry): Promise<void>
}

/** What operators switched for a time; what is over may still lie there. */
export interface IncidentStore {
  all(): Promise<readonly Incident[]>
  /** In place of one of the same kind about the same subject. */
  put(incident: Incident, audit: AuditEntry): Promise<void>
  remove(incident: Pick<Incident, 'kind' | 'subject'>, audit: AuditEntry): Promise<void>
}

/** An outbox: what happened, and which addresses are still to hear of it. */
export interface EventStore {
  /** False where the event is noted already. */
  append(event: GatewayEvent, urls: readonly string[]): Promise<boolean>
  /** Deliveries whose time has come; until that moment (milliseconds) nobody else gets them. */
  due(limit: number, until: number): Promise<readonly Delivery[]>
  /** What a try came to: delivered, due again at `nextAt` (milliseconds), or given up. */
  settle(delivery: Delivery, came: { deliveredAt?: string; nextAt?: number; error?: string }): Promise<void>
  /** Newest first. */
  list(query: {
    before?: number | undefined
    limit: number
  }): Promise<readonly (GatewayEvent & { seq: number; deliveries: readonly DeliveryState[] })[]>
}

/** What tenants asked for, rolled up by day: shapes and figures, never content. Some five weeks of it. */
export interface AskStore {
  add(counted: readonly Asked[]): Promise<void>
  /** From this day on (days since the epoch, UTC). */
  since(day: number): Promise<readonly Asked[]>
}

/** Work that one process at a time does for all. */
export interface LeaseStore {
  /** True for whoever gets it, until that moment (milliseconds); the holder may take it again. */
  take(name: string, holder: string, until: number): Promise<boolean>
  release(name: string, holder: string): Promise<void>
}

/** Whose answers are kept where, bounded: what expired and what is too much is forgotten, the oldest first. */
export interface KeeperStore {
  /** Durable when it resolves; the last of one digest stands. */
  put(rows: readonly KeeperRow[]): Promise<void>
  get(digest: Buffer): Promise<KeeperRow | undefined>
}

export interface LedgerStore {
  /**
   * One transaction, durable when it resolves: `reserved` rows are inserted where their meters have room for them, terminal ones written
   * over them, exactly once each, and every balance is moved with them.
   */
  write(rows: readonly AttemptRow[]): Promise<Written>
  /** How these balances stand, or would begin. */
  standing(sources: readonly Source[]): Promise<readonly Balance[]>
  /** Every balance of a period that began at or after this moment, for whoever proves the books. */
  balances(since: number): Promise<readonly KeptBalance[]>
  /** Forgets balances of which nothing is held and whose period was over at this moment. */
  forgetBalances(until: number): Promise<void>
  /** Rows left `reserved` by a process that died, or the ends that it kept of them, at most a thousand: settle these and ask again. */
  open(): Promise<readonly AttemptRow[]>
  /** Where there is one. */
  spare?(): Spare | undefined
  /** Newest first; `before` is the last attempt of the page before. */
  requests(query: { tenant?: TenantId; requestId?: string; before?: AttemptId; limit: number }): Promise<readonly AttemptRow[]>
  /** Sums per tenant, model, provider, source and day (UTC) over whole hours, from that of `from` up to before that of `to` (milliseconds). */
  usage(query: { tenant?: TenantId; from: number; to: number }): Promise<readonly UsageSum[]>
  /** Sums of each key of a pool over whole hours, as above. */
  keyUsage(query: { tenant?: TenantId; from: number; to: number }): Promise<readonly KeySum[]>
  /** What was deleted of the rows, in the order of the days. */
  sealed(): Promise<readonly SealedDay[]>
}

/** How it was found at the start. */
export interface StoreSetup {
  /** Whether what is asked in one tenant's name sees no other's rows, whatever is asked; undefined where the engine has no such thing. */
  readonly rowSecurity: boolean | undefined
  /** Another program's tables, `schema.table`, in which tenants and their settings are read and never written. */
  readonly readOnly: { readonly tenants?: string; readonly settings?: string }
}

export interface StoreStatus extends StoreSetup {
  readonly engine: 'sqlite' | 'postgres'
  readonly version: string
  readonly schema: number
  readonly path: string | undefined
  readonly synchronous: string
  readonly tenants: number
  readonly settings: number
  readonly keys: number
  readonly attempts: number
  readonly exports: readonly ExportStanding[]
}
