// A replica's process: asks for places as fast as it can, and prints of each between which two moments of
// this machine's clock it got it, and when it gave it back.
import { setTimeout as sleep } from 'node:timers/promises'
import { tenantId } from '../../src/contract/ids.ts'
import { openRedis } from '../../src/redis/link.ts'
import { createSharedRates } from '../../src/redis/rates.ts'

const { url, prefix, instance, span, life, limits, tokens, until, running } = JSON.parse(process.argv[2] ?? '{}')
const redis = await openRedis({ url, prefix, deadline: 5_000, instance, changed: () => {} })
const rates = createSharedRates({ redis, instance, span, life })

async function ask(): Promise<void> {
  while (Date.now() < until) {
    const from = Date.now()
    const place = await rates.take({ tenant: tenantId('acme'), meters: [{ of: 'tenant', id: 'acme', limits }], tokens })
    const to = Date.now()
    if (place && 'counts' in place) {
      await sleep(running)
      process.stdout.write(`${JSON.stringify({ from, to, ended: Date.now() })}\n`)
      place.settle(0)
    } else await sleep(Math.random() * 5)
  }
}

await Promise.all(Array.from({ length: 4 }, ask))
rates.close()
await redis.close()
