import type { AttemptRow } from '../../contract/ledger.ts'
import type { LedgerStore } from '../../contract/store.ts'
import { decodeKeySum, type KeySumRow, keySumsOf } from '../rows/key-sums.ts'
import { decodeSum, hourOf, sumsOf, type UsageRow } from '../rows/sums.ts'
import type { Database, Queries } from './database.ts'
import type { Sources } from './sources.ts'

/** Adds ended attempts to their hours: once a batch for each hour, tenant, model and payer, in one order for all processes. */
export async function addSums(tx: Queries, ended: readonly AttemptRow[]): Promise<void> {
  const sums = [...sumsOf(ended)]
  if (sums.length === 0) return
  const starts = sums.map(({ of }) => of.start)
  await tx.run(
    `INSERT INTO sums AS had (hour, tenant_id, provider, wire_model, source, requests, input, output, cost, charge, unpriced, cached, saved)
    SELECT * FROM unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::text[],
      $6::bigint[], $7::bigint[], $8::bigint[], $9::bigint[], $10::bigint[], $11::bigint[], $12::bigint[], $13::bigint[])
      AS given (hour, tenant_id, provider, wire_model, source) ORDER BY hour, tenant_id, provider, wire_model, source
    ON CONFLICT (hour, tenant_id, provider, wire_model, source) DO UPDATE SET requests = had.requests + excluded.requests,
      input = had.input + excluded.input, output = had.output + excluded.output, cost = had.cost + excluded.cost,
      charge = had.charge + excluded.charge, unpriced = had.unpriced + excluded.unpriced, cached = had.cached + excluded.cached,
      saved = had.saved + excluded.saved`,
    ...[starts.map(({ at }) => hourOf(at)), starts.map(({ tenant }) => tenant), starts.map(({ provider }) => provider)],
    ...[starts.map(({ wireModel }) => wireModel), starts.map(({ source }) => source), sums.map(({ requests }) => requests)],
    ...[sums.map(({ input }) => input), sums.map(({ output }) => output), sums.map(({ cost }) => cost)],
    ...[sums.map(({ charge }) => charge), sums.map(({ unpriced }) => unpriced), sums.map(({ cached }) => cached)],
    sums.map(({ saved }) => saved),
  )
}

/** Adds ended attempts that went with one of several keys; what went with an only key is in `sums` already. */
export async function addKeySums(tx: Queries, ended: readonly AttemptRow[]): Promise<void> {
  const sums = [...keySumsOf(ended)]
  if (sums.length === 0) return
  const starts = sums.map(({ of }) => of.start)
  await tx.run(
    `INSERT INTO key_sums AS had (hour, tenant_id, provider, source, fingerprint, requests, cost, charge, unpriced)
    SELECT * FROM unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::text[], $6::bigint[], $7::bigint[], $8::bigint[], $9::bigint[])
      AS given (hour, tenant_id, provider, source, fingerprint) ORDER BY hour, tenant_id, provider, source, fingerprint
    ON CONFLICT (hour, tenant_id, provider, source, fingerprint) DO UPDATE SET requests = had.requests + excluded.requests,
      cost = had.cost + excluded.cost, charge = had.charge + excluded.charge, unpriced = had.unpriced + excluded.unpriced`,
    ...[starts.map(({ at }) => hourOf(at)), starts.map(({ tenant }) => tenant), starts.map(({ provider }) => provider)],
    ...[starts.map(({ source }) => source), starts.map(({ fingerprint = '' }) => fingerprint), sums.map(({ requests }) => requests)],
    ...[sums.map(({ cost }) => cost), sums.map(({ charge }) => charge), sums.map(({ unpriced }) => unpriced)],
  )
}

type Figures = 'requests' | 'input' | 'output' | 'cost' | 'charge' | 'unpriced' | 'cached' | 'saved'

/** As text, for a sum may be larger than a number holds exactly. */
const summed = (...figures: readonly Figures[]): string => figures.map((figure) => `sum(${figure})::text AS ${figure}`).join(', ')

type AsText<Row> = { [Name in keyof Row]: Row[Name] extends bigint ? string : Row[Name] }

export function sumReader(db: Database, { tenants }: Sources): Pick<LedgerStore, 'usage' | 'keyUsage'> {
  const hours = 'hour >= $1 AND hour < $2 AND ($3::text IS NULL OR tenant_id = $3)'
  return {
    async usage({ tenant, from, to }) {
      const place = 'day, tenant_id, provider, wire_model, source'
      const rows = await db.of(tenant).rows<AsText<UsageRow>>(
        `SELECT tenant_id, slug, provider, wire_model, source, to_char(to_timestamp(hour * 3600) AT TIME ZONE 'UTC', 'YYYY-MM-DD') AS day,
          ${summed('requests', 'input', 'output', 'cost', 'charge', 'unpriced', 'cached', 'saved')}
        FROM sums LEFT JOIN ${tenants} ON tenants.id = tenant_id WHERE ${hours} GROUP BY slug, ${place} ORDER BY ${place}`,
        ...[hourOf(from), hourOf(to), tenant ?? null],
      )
      return rows.map((row) => {
        const { input, output, cached, saved } = row
        const rest = { input: BigInt(input), output: BigInt(output), cached: BigInt(cached), saved: BigInt(saved) }
        return decodeSum({ ...row, ...exact(row), ...rest })
      })
    },
    async keyUsage({ tenant, from, to }) {
      const place = 'tenant_id, provider, source, fingerprint'
      const rows = await db
        .of(tenant)
        .rows<AsText<KeySumRow>>(
          `SELECT ${place}, ${summed('requests', 'cost', 'charge', 'unpriced')} FROM key_sums WHERE ${hours} GROUP BY ${place} ORDER BY ${place}`,
          ...[hourOf(from), hourOf(to), tenant ?? null],
        )
      return rows.map((row) => decodeKeySum({ ...row, ...exact(row) }))
    },
  }
}

const exact = ({ requests, cost, charge, unpriced }: Record<'requests' | 'cost' | 'charge' | 'unpriced', string>) => ({
  ...{ requests: BigInt(requests), cost: BigInt(cost), charge: BigInt(charge), unpriced: BigInt(unpriced) },
})
