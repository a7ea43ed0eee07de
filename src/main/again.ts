import { MemoryAnswers } from '../policy/answer-cache.ts'
import { createClaims } from '../policy/claims.ts'
import { SharedAnswers } from '../redis/answers.ts'
import type { Redis } from '../redis/redis.ts'
import type { Metrics } from '../telemetry/metrics.ts'
import type { GatewayParts } from './gateway.ts'
import type { World } from './world.ts'

/** Answers that are told again, and what looks after them: milliseconds between two times, and the work. */
export interface Again extends Pick<GatewayParts, 'claims' | 'answers'> {
  readonly work: readonly (readonly [ms: number, work: () => Promise<void>])[]
  close(): void
}

/** `redis`: what replicas share, where there is such a server. */
export function tellingAgain(world: World, metrics: Metrics, redis: Redis | undefined): Again {
  const { store, vault, now, configured } = world
  const claims = createClaims({ store: store.claims, books: store.ledger, content: vault.content, now })
  const near = new MemoryAnswers({ now, room: () => configured().config.settings.sizes.cache })
  metrics.gauge({
    name: 'tollgate_answer_cache',
    help: 'Answers that serve equal requests: how many there are (answers, bytes), and how often one was found (hits) or not (misses).',
    label: 'figure',
    read: () => Object.entries(near.figures),
  })
  const answers = redis ? new SharedAnswers({ redis, near, content: vault.content, now }) : near
  const unfollow = store.watch(({ tenants, everything }) => {
    if (everything) answers.drop()
    for (const { id, tenant } of tenants) if (!tenant) answers.drop(id)
  })
  return {
    claims,
    answers,
    work: [
      [10_000, () => claims.renew()],
      [60_000, () => claims.sweep()],
    ],
    close: unfollow,
  }
}
