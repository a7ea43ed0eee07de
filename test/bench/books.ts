// What the books cost a PostgreSQL server: attempts a second that it takes from some gateways, each a reserved row and its end with their
// sums, beside bare commits of one small row; the CPU of both sides, and the bytes that each leaves. On a server of its own, with fsync.
// node test/bench/books.ts [requests] [in flight, for each gateway]

import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { parseOverrides } from '../../src/config/overrides.ts'
import { tenantId } from '../../src/contract/ids.ts'
import { createLedger } from '../../src/ledger/ledger.ts'
import { openPostgres } from '../../src/store/postgres/open.ts'
import { startPostgresServer } from '../support/postgres-server.ts'
import { ended, someOutcome, someStart } from '../support/stores.ts'

const requests = Number(process.argv[2] ?? 20_000)
const inFlight = Number(process.argv[3] ?? 64)
const TENANTS = 200
const outcome = someOutcome()
const { lines, cost, charge } = ended(someStart('any'))

const server = await startPostgresServer()
const client = new pg.Client({ connectionString: server.url })
await client.connect()
const postmaster = statOf((await client.query('SELECT pg_backend_pid() AS pid')).rows[0].pid).parent
const ask = async (sql: string): Promise<number> => Number((await client.query({ text: sql, rowMode: 'array' })).rows[0]?.[0])

await client.query('CREATE TABLE bare (n bigint)')
const bare = await perSecond(2_000, (n) => client.query('INSERT INTO bare VALUES ($1)', [n]))
console.log(`bare commits of one connection: ${Math.round(bare)} a second`)
for (const gateways of [1, 2, 4]) await report(gateways)
const tables = "SELECT sum(pg_total_relation_size(relid)) FROM pg_stat_user_tables WHERE schemaname = 'tollgate'"
const rows = await ask('SELECT count(*) FROM tollgate.attempts')
console.log(`tables and indexes: ${Math.round((await ask(tables)) / rows)} bytes an attempt, over ${rows}`)
await client.end()
await server.remove()

async function report(gateways: number): Promise<void> {
  const before = await standing()
  const stores = await Promise.all(Array.from({ length: gateways }, () => openPostgres({ url: server.url, now: Date.now, parseOverrides })))
  const ledgers = stores.map(({ ledger }) => createLedger({ store: ledger, now: Date.now, price: () => ({ lines, cost, charge }) }))
  let number = 0
  const share = requests / gateways / inFlight
  const began = performance.now()
  await Promise.all(
    ledgers.flatMap((ledger) =>
      Array.from({ length: inFlight }, async () => {
        for (let sent = 0; sent < share; sent++) {
          const tenant = tenantId(`tn_${number % TENANTS}`)
          const ticket = await ledger.open(someStart(`${gateways}-${number++}`, { tenant, at: Date.now() }))
          await ticket.settle(outcome)
        }
      }),
    ),
  )
  const seconds = (performance.now() - began) / 1000
  await Promise.all(stores.map((store) => store.close()))
  // Until the server has noticed that they left.
  await sleep(500)
  const after = await standing()
  const rate = number / seconds
  console.log(
    `${gateways} gateways: ${Math.round(rate)} attempts a second, ${(rate / bare).toFixed(1)} x bare; ` +
      `${((2 * number) / (after.commits - before.commits)).toFixed(0)} rows a commit, ${Math.round((after.wal - before.wal) / number)} bytes of log an attempt; ` +
      `CPU an attempt: ${Math.round((after.server - before.server) / number)} us of the server, ${Math.round((after.own - before.own) / number)} us of the gateways`,
  )
}

interface Standing {
  readonly commits: number
  readonly wal: number
  /** Microseconds, of connections that have ended. */
  readonly server: number
  readonly own: number
}

async function standing(): Promise<Standing> {
  const { user, system } = process.cpuUsage()
  return {
    server: statOf(postmaster).ended,
    own: user + system,
    commits: await ask('SELECT sum(xact_commit) FROM pg_stat_database'),
    wal: await ask("SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')"),
  }
}

async function perSecond(count: number, work: (n: number) => Promise<unknown>): Promise<number> {
  const began = performance.now()
  for (let n = 0; n < count; n++) await work(n)
  return (count * 1000) / (performance.now() - began)
}

/** From Linux' own account: a hundred ticks a second. */
function statOf(pid: number): { parent: number; ended: number } {
  const [, rest = ''] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')
  const fields = rest.split(' ').map(Number)
  return { parent: fields[1] ?? 0, ended: ((fields[13] ?? 0) + (fields[14] ?? 0)) * 10_000 }
}
