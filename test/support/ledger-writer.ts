// Opens and ends attempts as fast as it can until it is killed, and prints each row once the ledger has acknowledged it.
// node test/support/ledger-writer.ts <database>

import { writeSync } from 'node:fs'
import { parseOverrides } from '../../src/config/overrides.ts'
import { createLedger } from '../../src/ledger/ledger.ts'
import { openSqlite } from '../../src/store/sqlite/open.ts'
import { ended, someOutcome, someStart } from './stores.ts'

const store = await openSqlite({ path: process.argv[2] ?? '', now: Date.now, parseOverrides })
const ledger = createLedger({ store: store.ledger, now: Date.now, price: (start) => ended(start) })

await Promise.all(Array.from({ length: 16 }, (_, client) => run(client)))

async function run(client: number): Promise<void> {
  for (let sent = 0; ; sent++) {
    const start = someStart(`c${client}-${sent}`, { at: Date.now() })
    const ticket = await ledger.open(start)
    writeSync(1, `reserved ${start.requestId}\n`)
    await ticket.settle(someOutcome())
    writeSync(1, `settled ${start.requestId}\n`)
  }
}
