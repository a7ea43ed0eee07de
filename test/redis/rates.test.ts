import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { tenantId } from '../../src/contract/ids.ts'
import type { RateLimits } from '../../src/contract/plan.ts'
import type { SharedAsk, SharedMeter, SharedPlace, SharedRefusal } from '../../src/contract/shared-rates.ts'
import { openRedis } from '../../src/redis/link.ts'
import { createSharedRates, type SharedRatesInput, type SharedRatesKeeper } from '../../src/redis/rates.ts'
import type { Redis } from '../../src/redis/redis.ts'
import { missing, query, somePrefix, url } from '../support/redis.ts'

const SPAN = 60_000

describe.skipIf(missing)(`limits that all replicas keep together${missing ? `, skipped: ${missing}` : ''}`, () => {
  let prefix: string
  const replicas: { redis: Redis; rates: SharedRatesKeeper }[] = []
  const replica = async (over: Partial<SharedRatesInput> = {}): Promise<SharedRatesKeeper> => {
    const instance = `replica-${replicas.length}`
    const redis = await openRedis({ url, prefix, deadline: 5_000, instance, changed: () => {} })
    const rates = createSharedRates({ redis, instance, ...over })
    replicas.push({ redis, rates })
    return rates
  }
  beforeEach(() => {
    prefix = somePrefix()
  })
  afterEach(async () => {
    for (const { redis, rates } of replicas.splice(0)) {
      rates.close()
      await redis.close()
    }
    const keys = (await query(url, ['KEYS', `${prefix}*`])) as string[]
    if (keys.length > 0) await query(url, ['DEL', ...keys])
  })

  const ofTenant = (limits: RateLimits, id = 'acme'): SharedMeter => ({ of: 'tenant', id, limits })
  const ask = (meters: readonly SharedMeter[], tokens = 1, tenant = 'acme'): SharedAsk => ({ tenant: tenantId(tenant), meters, tokens })
  const place = (answer: SharedPlace | SharedRefusal | undefined): SharedPlace => {
    if (!answer || !('counts' in answer)) throw new Error(`No place: ${JSON.stringify(answer)}`)
    return answer
  }

  it('count what each of them admits, say what is used and when there is room again, and a refusal takes nothing', async () => {
    const [one, two] = [await replica(), await replica()]
    const meters = [ofTenant({ rpm: 3, tpm: 100 })]
    expect(place(await one.take(ask(meters, 40))).counts).toEqual([{ requests: 1, tokens: 40, resetMs: SPAN }])
    expect(place(await two.take(ask(meters, 50))).counts).toEqual([{ requests: 2, tokens: 90, resetMs: SPAN }])
    const dear = await one.take(ask(meters, 11))
    expect(dear).toMatchObject({ limit: 'tpm', used: 90, meter: meters[0], count: { requests: 2, tokens: 90 } })
    expect((dear as SharedRefusal).waitMs).toBeGreaterThan(SPAN - 5_000)
    place(await two.take(ask(meters, 10)))
    expect(await one.take(ask(meters, 0))).toMatchObject({ limit: 'rpm', used: 3 })
    // Limits are told with each question: an upgrade binds with the next.
    expect(place(await one.take(ask([ofTenant({ rpm: 4, tpm: 100 })], 0))).counts).toMatchObject([{ requests: 4, tokens: 100 }])
  })

  it('give back what was not used, count what was used beyond it, and forget what came to nothing', async () => {
    const rates = await replica()
    const meters = [ofTenant({ rpm: 10, tpm: 1_000 })]
    const count = async () => {
      const looked = place(await rates.take(ask(meters, 0)))
      looked.release()
      return looked.counts[0]
    }
    // Whoever gives back does not wait for it, and the server may have to be told first how that is done.
    place(await rates.take(ask(meters, 1))).release()
    await expect.poll(count).toMatchObject({ requests: 1 })
    place(await rates.take(ask(meters, 500))).settle(-400)
    expect(await count()).toMatchObject({ requests: 2, tokens: 100 })
    place(await rates.take(ask(meters, 10))).settle(300)
    expect(await count()).toMatchObject({ requests: 3, tokens: 410 })
    place(await rates.take(ask(meters, 90))).release()
    expect(await count()).toMatchObject({ requests: 3, tokens: 410 })
  })

  it('of a tenant, its key and its plan hold together: what one refuses no other counts', async () => {
    const rates = await replica()
    const tenant = ofTenant({ rpm: 3 })
    const key: SharedMeter = { of: 'key', id: 'k1', limits: { rpm: 1 } }
    const plan: SharedMeter = { of: 'plan', id: 'team', limits: { rpm: 2 } }
    place(await rates.take(ask([tenant, key, plan])))
    expect(await rates.take(ask([tenant, key, plan]))).toMatchObject({ meter: key, limit: 'rpm', used: 1 })
    expect(place(await rates.take(ask([tenant, plan]))).counts).toMatchObject([{ requests: 2 }, { requests: 2 }])
    const other = ofTenant({ rpm: 3 }, 'okafor')
    expect(await rates.take(ask([other, plan], 1, 'okafor'))).toMatchObject({ meter: plan, used: 2 })
    expect(place(await rates.take(ask([other], 1, 'okafor'))).counts).toMatchObject([{ requests: 1 }])
    expect(place(await rates.take(ask([tenant]))).counts).toMatchObject([{ requests: 3 }])
  })

  it('let so many run at a time, and a place that ends is free for any of them', async () => {
    const [one, two] = [await replica(), await replica()]
    const meters = [ofTenant({ concurrency: 2 })]
    const first = place(await one.take(ask(meters)))
    place(await two.take(ask(meters)))
    expect(await two.take(ask(meters))).toMatchObject({ limit: 'concurrency', used: 2 })
    first.settle(0)
    await expect.poll(async () => 'counts' in ((await two.take(ask(meters))) ?? {})).toBe(true)
  })

  it('renew what still runs, and take back what a dead replica held', async () => {
    const [alive, dead] = [await replica({ life: 600 }), await replica({ life: 600 })]
    const meters = [ofTenant({ concurrency: 2 })]
    place(await alive.take(ask(meters)))
    place(await dead.take(ask(meters)))
    dead.close()
    expect(await alive.take(ask(meters))).toMatchObject({ limit: 'concurrency', used: 2 })
    await sleep(1_200)
    place(await alive.take(ask(meters)))
    expect(await alive.take(ask(meters))).toMatchObject({ limit: 'concurrency', used: 2 })
  })

  it('take a bounded room: some sixty buckets however many come, and none once a minute has passed', async () => {
    const rates = await replica({ span: 600 })
    const meters = [ofTenant({ rpm: 1_000_000, tpm: 1_000_000_000 })]
    const until = Date.now() + 1_500
    while (Date.now() < until) place(await rates.take(ask(meters, 1_000)))
    const [key = ''] = (await query(url, ['KEYS', `${prefix}*window`])) as string[]
    expect(Number(await query(url, ['STRLEN', key]))).toBeLessThan(62 * 30)
    await sleep(700)
    expect(await query(url, ['EXISTS', key])).toBe(0)
  })

  it('F-50 go by the server’s clock: one that steps back an hour blocks nobody for longer than a minute', async () => {
    const rates = await replica({ span: 600 })
    const meters = [ofTenant({ rpm: 1 })]
    place(await rates.take(ask(meters)))
    const [key = ''] = (await query(url, ['KEYS', `${prefix}*window`])) as string[]
    const ahead = Date.now() + 3_600_000
    const pack = `redis.call('SET', KEYS[1], cmsgpack.pack({{ math.floor(${ahead} / 10), ${ahead}, 1, 1 }}))`
    await query(url, ['EVAL', pack, '1', key])
    expect(await rates.take(ask(meters))).toMatchObject({ limit: 'rpm', used: 1 })
    // Whoever asks again finds it where the clock is now, and it leaves with its minute.
    await query(url, ['EVAL', pack, '1', key])
    place(await rates.take(ask([ofTenant({ rpm: 2 })])))
    await sleep(700)
    place(await rates.take(ask(meters)))
  })

  it.each([
    { what: 'requests', limits: { rpm: 30 }, tokens: 1, running: 0 },
    { what: 'tokens', limits: { tpm: 300 }, tokens: 10, running: 0 },
    { what: 'requests at a time', limits: { rpm: 100_000, concurrency: 3 }, tokens: 1, running: 30 },
  ])('F-56 four processes admit no more $what than allowed in any window, wherever it begins', { timeout: 60_000 }, async (scene) => {
    const span = 2_000
    const until = Date.now() + 8_000
    const given = { url, prefix, span, life: 30_000, until, ...scene }
    const children = [1, 2, 3, 4].map((number) => child({ ...given, instance: `process-${number}` }))
    const outputs = await Promise.all(children.map(ended))
    const admitted = outputs.flat().sort((a, b) => a.from - b.from)
    if (scene.limits.concurrency !== undefined) {
      // Each surely ran from when it knew of its place until it gave it back.
      const most = admitted.map(({ to }) => admitted.filter((one) => one.to <= to && to < one.ended).length)
      expect(Math.max(...most)).toBeLessThanOrEqual(scene.limits.concurrency)
      expect(admitted.length).toBeGreaterThan(20)
      return
    }
    // What was surely admitted within a window that begins with one of them.
    const most = admitted.map(({ from }) => admitted.filter((one) => one.from >= from && one.to < from + span).length)
    const allowed = 30
    expect(Math.max(...most)).toBeLessThanOrEqual(allowed)
    // And hardly less than that: three windows were full.
    expect(admitted.length).toBeGreaterThanOrEqual(3 * allowed)
    expect(outputs.filter((output) => output.length > 0).length).toBeGreaterThan(1)
  })
})

function child(given: object): ChildProcess {
  const script = join(import.meta.dirname, '../support/rates-replica.ts')
  return spawn(process.execPath, [script, JSON.stringify(given)], { stdio: ['ignore', 'pipe', 'inherit'] })
}

async function ended(process: ChildProcess): Promise<{ from: number; to: number; ended: number }[]> {
  let text = ''
  process.stdout?.on('data', (chunk) => (text += chunk))
  const [code] = await once(process, 'exit')
  expect(code).toBe(0)
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line))
}
