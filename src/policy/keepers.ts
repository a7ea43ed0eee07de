import { createHash } from 'node:crypto'
import { setImmediate as tick } from 'node:timers/promises'
import type { TenantId } from '../contract/ids.ts'
import type { Keeper, KeeperRow, Keepers } from '../contract/kept.ts'
import type { KeeperStore } from '../contract/store.ts'

/** Providers of the Responses API keep an answer for thirty days unless asked not to. */
const LIFE = 30 * 24 * 60 * 60 * 1000
/** What was remembered last is asked for most, often before it is on the disk. */
const MOST_IN_MEMORY = 2_000

export interface KeepersInput {
  readonly store: KeeperStore
  /** Milliseconds since the epoch. */
  readonly now: () => number
}

/** Answers remembered within one turn of the event loop are written in one transaction. */
export function createKeepers({ store, now }: KeepersInput): Keepers {
  const recent = new Map<string, KeeperRow>()
  let waiting: KeeperRow[] = []
  let writing: Promise<void> | undefined

  async function write(): Promise<void> {
    await tick()
    const rows = waiting
    waiting = []
    writing = undefined
    await store.put(rows)
  }

  return {
    remember(id, keeper) {
      const row = { ...keeper, digest: digestOf(id, keeper.tenant), expiresAt: now() + LIFE }
      recent.set(row.digest.toString('base64'), row)
      const [oldest] = recent.keys()
      if (recent.size > MOST_IN_MEMORY && oldest !== undefined) recent.delete(oldest)
      waiting.push(row)
      return (writing ??= write())
    },
    async find(id, tenant): Promise<Keeper | undefined> {
      const digest = digestOf(id, tenant)
      const row = recent.get(digest.toString('base64')) ?? (await store.get(digest))
      return row && row.expiresAt > now() ? row : undefined
    },
  }
}

/** The tenant is part of it: what one was given, or had a server of its own say, is found by no other. */
const digestOf = (id: string, tenant: TenantId): Buffer => createHash('sha256').update(`${tenant}\0${id}`).digest()
