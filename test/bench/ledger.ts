// What one durable attempt costs: a reserved row, its end, and their share of the commits, in microseconds of CPU per request.
// node test/bench/ledger.ts [requests] [in flight]

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate as tick } from 'node:timers/promises'
import { parseOverrides } from '../../src/config/overrides.ts'
import { tenantId } from '../../src/contract/ids.ts'
import type { LedgerStore } from '../../src/contract/store.ts'
import { createLedger } from '../../src/ledger/ledger.ts'
import { openSqlite } from '../../src/store/sqlite/open.ts'
import { ended, someOutcome, someStart } from '../support/stores.ts'

const requests = Number(process.argv[2] ?? 40_000)
const inFlight = Number(process.argv[3] ?? 32)
const outcome = someOutcome()
const { lines, cost, charge } = ended(someStart('any'))

const nowhere: LedgerStore = {
  write: async () => ({ refused: [], overdrawn: new Map(), held: new Map(), moves: [] }),
  standing: async () => [],
  balances: async () => [],
  forgetBalances: async () => {},
  open: async () => [],
  requests: async () => [],
  usage: async () => [],
  sealed: async () => [],
  keyUsage: async () => [],
}

for (const tenants of [1, 200]) {
  const folder = mkdtempSync(join(tmpdir(), 'tollgate-bench-'))
  const store = await openSqlite({ path: join(folder, 'tollgate.db'), now: Date.now, parseOverrides })
  const turns = await measure(nowhere, tenants)
  const whole = await measure(store.ledger, tenants)
  const own = whole.cpu - turns.cpu
  console.log(
    `${tenants} tenants, ${inFlight} in flight: ${own.toFixed(1)} us CPU a request (${whole.cpu.toFixed(1)} with the loop), ` +
      `${whole.wall.toFixed(1)} us wall, ${whole.batch.toFixed(1)} rows a commit`,
  )
  await store.close()
  rmSync(folder, { recursive: true })
}

async function measure(store: LedgerStore, tenants: number): Promise<{ cpu: number; wall: number; batch: number }> {
  let commits = 0
  const write: LedgerStore['write'] = (rows) => {
    commits++
    return store.write(rows)
  }
  const ledger = createLedger({ store: { ...store, write }, now: Date.now, price: () => ({ lines, cost, charge }) })
  const run = (count: number) => Promise.all(Array.from({ length: inFlight }, () => client(count / inFlight)))
  const client = async (count: number) => {
    for (let sent = 0; sent < count; sent++) {
      const ticket = await ledger.open(
        someStart(requestId(), { tenant: tenantId(`tn_${Math.floor(Math.random() * tenants)}`), at: Date.now() }),
      )
      // The provider answers some turns later, so that opens and ends of different requests meet in one batch.
      for (let turns = Math.random() * 4; turns > 0; turns--) await tick()
      await ticket.settle(outcome)
    }
  }
  await run(requests / 4)
  commits = 0
  const before = { cpu: process.cpuUsage(), at: performance.now() }
  await run(requests)
  const { user, system } = process.cpuUsage(before.cpu)
  return { cpu: (user + system) / requests, wall: ((performance.now() - before.at) * 1000) / requests, batch: (2 * requests) / commits }
}

/** Ordered by time, as the gateway's own ids are. */
function requestId(): string {
  return `${Date.now().toString(36)}${Math.random().toString(36).slice(2, 14)}`
}
