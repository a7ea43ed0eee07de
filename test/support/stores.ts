import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { parseOverrides } from '../../src/config/overrides.ts'
import type { GatewayKey, Tenant } from '../../src/contract/caller.ts'
import { keyId, planId, slug, type TenantId, tenantId } from '../../src/contract/ids.ts'
import type { AttemptRow, AttemptStart, Outcome } from '../../src/contract/ledger.ts'
import type { AuditEntry, LedgerStore, Store } from '../../src/contract/store.ts'
import { openSqlite } from '../../src/store/sqlite/open.ts'

/** A database of its own, which several processes may open, and which a person may write by hand, unless its engine is alone. */
export interface TestDatabase {
  /** The first time ours, then another process's view of it. */
  open(): Promise<Store>
  /** Statements by hand, on a connection that is not ours. */
  sql(text: string): Promise<void>
  drop(): Promise<void>
}

export interface Engine {
  readonly name: string
  create(now?: () => number): Promise<TestDatabase>
  /** Why it cannot be tried here. */
  readonly missing?: string | undefined
  /** Nobody else sees it: no other process, no person. */
  readonly alone?: true
}

export const memory: Engine = {
  name: 'memory, of one process alone: what others see and do is skipped',
  create: memoryDatabase,
  alone: true,
}

async function memoryDatabase(now: () => number = Date.now): Promise<TestDatabase> {
  let store: Store | undefined
  const alone = (): never => {
    throw new Error('Nobody else sees what one process keeps in memory: skip this test.')
  }
  return {
    open: async () => (store = store === undefined ? await openSqlite({ now, parseOverrides }) : alone()),
    sql: async () => alone(),
    drop: async () => store?.close(),
  }
}

export const sqlite: Engine = { name: 'sqlite', create: sqliteDatabase }

export async function sqliteDatabase(now: () => number = Date.now): Promise<TestDatabase & { readonly path: string }> {
  const folder = mkdtempSync(join(tmpdir(), 'tollgate-store-'))
  const path = join(folder, 'tollgate.db')
  const stores = new Set<Store>()
  return {
    path,
    open: async () => among(stores, await openSqlite({ path, now, parseOverrides })),
    async sql(text) {
      const db = new Database(path)
      db.exec(text)
      db.close()
    },
    async drop() {
      for (const store of stores) await store.close()
      rmSync(folder, { recursive: true })
    },
  }
}

/** Closed once, by the test or when its database is dropped. */
export function among(stores: Set<Store>, opened: Store): Store {
  const store: Store = {
    ...opened,
    close() {
      stores.delete(store)
      return opened.close()
    },
  }
  stores.add(store)
  return store
}

export const someTenant = (name: string, over: Partial<Tenant> = {}): Tenant => ({
  id: tenantId(`tn_${name}`),
  slug: slug(name),
  name: `The ${name} company`,
  plan: planId('team'),
  status: 'active',
  overrides: undefined,
  createdAt: '2026-08-01T12:00:00.000Z',
  ...over,
})

export const someKey = (id: string, over: Partial<GatewayKey> = {}): GatewayKey => ({
  id: keyId(id),
  kind: 'tenant',
  name: undefined,
  digest: Buffer.alloc(32, id),
  tenant: tenantId('tn_brennan'),
  tenants: undefined,
  scopes: [],
  models: undefined,
  endpoints: undefined,
  allowIps: undefined,
  limits: undefined,
  defaults: undefined,
  expiresAt: undefined,
  revokedAt: undefined,
  createdAt: '2026-08-01T12:00:00.000Z',
  ...over,
})

export const entry = (action: string, over: Partial<AuditEntry> = {}): AuditEntry => ({
  at: '2026-08-01T12:00:00.000Z',
  actor: 'cli',
  action,
  tenant: undefined,
  object: 'test',
  detail: {},
  ...over,
})

/** 1 August 2026, 12:00 UTC. */
export const NOON = Date.UTC(2026, 7, 1, 12)

export const someStart = (requestId: string, over: Partial<AttemptStart> = {}): AttemptStart => ({
  requestId,
  attempt: 1,
  tenant: tenantId('tn_brennan'),
  key: keyId('abcdefghij'),
  tags: ['batch'],
  user: 'u-17',
  endpoint: 'chat',
  stream: true,
  plan: 'team',
  provider: 'acme',
  wireModel: 'acme-large-1',
  model: 'acme-large',
  source: 'platform',
  via: 'platform',
  fingerprint: 'a1b2c3d4',
  price: { input: 250_000, output: 2_000_000, cacheRead: 25_000, snapshot: '0123456789ab' },
  config: '9f3c00112233',
  inputTokens: 120,
  maxOutput: 500,
  at: NOON,
  ...over,
})

export const someOutcome = (over: Partial<Outcome> = {}): Outcome => ({
  state: 'settled',
  usage: {
    input: 100,
    output: 50,
    cacheRead: 20,
    raw: { prompt_tokens: 100, completion_tokens: 50, total_tokens: 150, prompt_tokens_details: { cached_tokens: 20 } },
  },
  status: 200,
  finish: 'stop',
  providerRequestId: 'req_0123456789',
  responseId: 'chatcmpl-0123456789',
  timings: { headers: 210, firstByte: 214, total: 1_840 },
  ...over,
})

/** The platform's money that each tenant was charged since an hour, in nano-dollars. */
export async function spentOf(ledger: LedgerStore | undefined, from: number): Promise<Map<TenantId, bigint>> {
  const spent = new Map<TenantId, bigint>()
  for (const { tenant, source, charge } of (await ledger?.usage({ from, to: from + 400 * 86_400_000 })) ?? [])
    if (source === 'platform') spent.set(tenant, (spent.get(tenant) ?? 0n) + charge)
  return spent
}

export const reserved = (start: AttemptStart): AttemptRow => ({
  start,
  state: 'reserved',
  outcome: undefined,
  lines: [],
  cost: null,
  charge: null,
})

export const ended = (start: AttemptStart, over: Partial<AttemptRow> = {}): AttemptRow => {
  const outcome = over.outcome ?? someOutcome()
  return {
    start,
    state: outcome.state,
    outcome,
    lines: [
      { what: 'input', quantity: 80, rate: 250_000 },
      { what: 'cacheRead', quantity: 20, rate: 25_000 },
      { what: 'output', quantity: 50, rate: 2_000_000 },
    ],
    cost: 120_500,
    charge: 120_500,
    ...over,
  }
}
