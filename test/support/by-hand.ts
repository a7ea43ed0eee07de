import { createHash, randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { TestGateway } from './gateway.ts'
import type { State, Value } from './state.ts'

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

/** Rows that an operator writes and reads with a client of the database, beside a gateway that runs. */
export class ByHand {
  readonly #gateway: TestGateway
  readonly #state: State

  constructor(gateway: TestGateway) {
    this.#gateway = gateway
    this.#state = gateway.state
  }

  /** A tenant with a key that was minted elsewhere; resolves once the gateway knows both. */
  async tenant(slug: string, plan: string, overrides?: object): Promise<{ id: string; slug: string; key: string }> {
    const id = `by-hand-${slug}`
    const values = [id, slug, slug, plan, overrides ? JSON.stringify(overrides) : null]
    await this.run('INSERT INTO tenants (id, slug, name, plan, overrides) VALUES (?, ?, ?, ?, ?)', ...values)
    const key = await this.key({ tenant: id })
    await this.seen(key)
    return { id, slug, key }
  }

  /** Another key of a tenant, or with rules a service key's, which only the vault's pepper could mint, so it is imported too. */
  async key({ tenant, expiresAt = null }: { tenant: string; expiresAt?: string | null }): Promise<string> {
    const key = `imported-${randomBytes(24).toString('hex')}`
    await this.run(
      "INSERT INTO gateway_keys (id, kind, digest, tenant_id, expires_at, created_at) VALUES (?, 'imported', ?, ?, ?, ?)",
      ...[randomBytes(5).toString('hex'), createHash('sha256').update(key).digest(), tenant, expiresAt, new Date().toISOString()],
    )
    return key
  }

  /** `INSERT … ON CONFLICT DO UPDATE`, with SQL's own time. */
  setting(tenant: string, name: string, value: string): Promise<void> {
    return this.run(
      `INSERT INTO tenant_settings (tenant_id, setting_key, setting_value, created_at, updated_at)
        VALUES (?, ?, ?, CURRENT_TIMESTAMP, CURRENT_TIMESTAMP)
        ON CONFLICT (tenant_id, setting_key) DO UPDATE SET setting_value = excluded.setting_value, updated_at = excluded.updated_at`,
      ...[tenant, name, value],
    )
  }

  async run(sql: string, ...values: readonly Value[]): Promise<void> {
    await this.#state.sql(sql, ...values)
  }

  rows(sql: string, ...values: readonly Value[]): Promise<unknown[]> {
    return this.#state.sql(sql, ...values)
  }

  /** Attempts in the books, oldest first, of one tenant or all. */
  async booked(tenant?: string): Promise<BookedRow[]> {
    const [where, ...values] = tenant === undefined ? [''] : ['WHERE tenant_id = ?', tenant]
    const rows = await this.#state.sql(
      `SELECT start, state, outcome, cost FROM attempts LEFT JOIN ends USING (seq) ${where} ORDER BY seq`,
      ...values,
    )
    return rows.map(({ start, state, outcome, cost }) => ({
      state: state ?? 'open',
      start: JSON.parse(start),
      outcome: outcome === null ? undefined : JSON.parse(outcome).outcome,
      cost,
    }))
  }

  /** The tenant's attempts once there are `count` of them and all have ended. */
  async settled(tenant: string, count = 1): Promise<BookedRow[]> {
    return until(`${count} ended attempts of ${tenant}`, async () => {
      const rows = await this.booked(tenant)
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
