import { createHash, randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import Database from 'better-sqlite3'
import type { TestGateway } from './gateway.ts'

/** A booked attempt with its end, as the tables have them. */
export interface BookedRow {
  readonly state: 'settled' | 'estimated' | 'released' | 'open'
  readonly start: {
    readonly requestId: string
    readonly provider: string
    readonly wireModel: string
    readonly source: string
    readonly via?: string
  }
  // biome-ignore lint/suspicious/noExplicitAny: tests look into what was stored
  readonly outcome: any
  readonly cost: number | null
}

/** Rows that an operator writes and reads with `sqlite3`, beside a gateway that runs. */
export class ByHand {
  readonly #gateway: TestGateway
  readonly #db: Database.Database

  constructor(gateway: TestGateway) {
    this.#gateway = gateway
    this.#db = new Database(join(gateway.dataFolder, 'tollgate.db'), { timeout: 5_000 })
  }

  /** A tenant with a key that was minted elsewhere; resolves once the gateway knows both. */
  async tenant(slug: string, plan: string, overrides?: object): Promise<{ id: string; slug: string; key: string }> {
    const id = `by-hand-${slug}`
    this.#db
      .prepare('INSERT INTO tenants (id, slug, name, plan, overrides) VALUES (?, ?, ?, ?, ?)')
      .run(id, slug, slug, plan, overrides ? JSON.stringify(overrides) : null)
    const key = this.key({ tenant: id })
    await this.seen(key)
    return { id, slug, key }
  }

  /** Another key of a tenant, or with rules a service key's, which only the vault's pepper could mint, so it is imported too. */
  key({ tenant, expiresAt = null }: { tenant: string; expiresAt?: string | null }): string {
    const key = `imported-${randomBytes(24).toString('hex')}`
    this.#db
      .prepare("INSERT INTO gateway_keys (id, kind, digest, tenant_id, expires_at, created_at) VALUES (?, 'imported', ?, ?, ?, ?)")
      .run(randomBytes(5).toString('hex'), createHash('sha256').update(key).digest(), tenant, expiresAt, new Date().toISOString())
    return key
  }

  /** `INSERT … ON CONFLICT DO UPDATE`, with SQL's own `datetime('now')`. */
  setting(tenant: string, name: string, value: string): void {
    this.#db
      .prepare(
        `INSERT INTO tenant_settings (tenant_id, setting_key, setting_value, created_at, updated_at)
         VALUES (?, ?, ?, datetime('now'), datetime('now'))
         ON CONFLICT DO UPDATE SET setting_value = excluded.setting_value, updated_at = excluded.updated_at`,
      )
      .run(tenant, name, value)
  }

  run(sql: string, ...values: readonly (string | number | null)[]): void {
    this.#db.prepare(sql).run(...values)
  }

  rows(sql: string, ...values: readonly (string | number)[]): unknown[] {
    return this.#db.prepare(sql).all(...values)
  }

  /** Attempts in the books, oldest first, of one tenant or all. */
  booked(tenant?: string): BookedRow[] {
    const rows = this.#db
      .prepare<[string | null, string | null], { start: string; state: string | null; outcome: string | null; cost: number | null }>(
        `SELECT start, state, outcome, cost FROM attempts LEFT JOIN ends USING (seq) WHERE ? IS NULL OR tenant_id = ? ORDER BY seq`,
      )
      .all(tenant ?? null, tenant ?? null)
    return rows.map(({ start, state, outcome, cost }) => ({
      state: (state ?? 'open') as BookedRow['state'],
      start: JSON.parse(start),
      outcome: outcome === null ? undefined : JSON.parse(outcome).outcome,
      cost,
    }))
  }

  /** The tenant's attempts once there are `count` of them and all have ended. */
  async settled(tenant: string, count = 1): Promise<BookedRow[]> {
    return until(`${count} ended attempts of ${tenant}`, () => {
      const rows = this.booked(tenant)
      return rows.length >= count && rows.every(({ state }) => state !== 'open') ? rows : undefined
    })
  }

  /** Resolves once the gateway knows the key. */
  async seen(key: string): Promise<void> {
    await until('the gateway to know the key', async () =>
      (await this.#gateway.call('GET', '/v1/explain?model=demo/echo', { key })).status === 401 ? undefined : true,
    )
  }

  /** Resolves once the gateway would serve the model to the holder of the key, because it has seen the rows written for it. */
  async holds(key: string, model: string): Promise<void> {
    await until(`the gateway to serve ${model}`, async () => {
      const { body } = await this.#gateway.call('GET', `/v1/explain?model=${encodeURIComponent(model)}`, { key })
      return body.verdict === 'allowed' ? true : undefined
    })
  }

  close(): void {
    this.#db.close()
  }
}

/** What `look` finds, asked again until it is something; rejects naming what never came. */
export async function until<T>(what: string, look: () => T | undefined | Promise<T | undefined>, within = 3_000): Promise<T> {
  const deadline = Date.now() + within
  for (;;) {
    const found = await look()
    if (found !== undefined) return found
    if (Date.now() > deadline) throw new Error(`Waited ${within} ms in vain for ${what}.`)
    await sleep(10)
  }
}
