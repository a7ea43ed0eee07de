import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import pg from 'pg'
import { parseOverrides } from '../../src/config/overrides.ts'
import type { Store } from '../../src/contract/store.ts'
import { openPostgres } from '../../src/store/postgres/open.ts'
import { openSqlite } from '../../src/store/sqlite/open.ts'
import { cuttingProxy } from '../support/cutting-proxy.ts'
import { startPostgresServer } from '../support/postgres-server.ts'
import type { Random } from '../support/random.ts'

/** Where the books of a crash run lie, and what may happen to them there besides the death of a gateway. */
export interface Ground {
  readonly env: Readonly<Record<string, string>>
  readonly harms: Readonly<Record<string, (random: Random) => Promise<void>>>
  /** The books, read beside the gateway. */
  open(dataFolder: string): Promise<Store>
  /** The way to the books is sound again, for a gateway that starts. */
  calm(): void
  /** Called while no gateway lives: whoever died did so long ago. */
  letTimePass(): Promise<void>
  remove(): Promise<void>
}

const now = Date.now

/** A process that died is known to have, so no time need pass. */
export const sqliteGround = async (): Promise<Ground> => ({
  env: {},
  harms: {},
  open: (dataFolder) => openSqlite({ path: join(dataFolder, 'tollgate.db'), now, parseOverrides }),
  calm: () => {},
  letTimePass: async () => {},
  remove: async () => {},
})

export async function postgresGround(): Promise<Ground> {
  const server = await startPostgresServer()
  const proxy = await cuttingProxy(server.url)
  return {
    env: { DATABASE_URL: proxy.url, TOLLGATE_MASTER_KEYS: `k1:${randomBytes(32).toString('base64')}` },
    harms: {
      'server restarted': async () => {
        await server.stop('immediate')
        await server.start()
      },
      'connection cut at COMMIT': async (random) => proxy.cutAtCommit(random.between(1, 6)),
    },
    open: () => openPostgres({ url: server.url, now, parseOverrides }),
    calm: () => proxy.cutAtCommit(0),
    async letTimePass() {
      const client = new pg.Client({ connectionString: server.url })
      await client.connect()
      await client.query('UPDATE tollgate.boots SET seen_at = seen_at - 60000').finally(() => client.end())
    },
    async remove() {
      await proxy.stop()
      await server.remove()
    },
  }
}
