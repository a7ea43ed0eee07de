import { buildConnector } from 'undici'
import { expect, it } from 'vitest'
import { Pools } from '../../src/upstream/pools.ts'

it('keeps no more pools than it may, and lets go of the one unused for longest', async () => {
  const pools = new Pools({ headerBytes: 1024, guarded: buildConnector({}) })
  const first = pools.get('https://a.example', 'tenant', 1000)
  const second = pools.get('https://b.example', 'tenant', 1000)
  for (let at = 0; at < 511; at += 1) {
    // Used in between, so never the oldest.
    expect(pools.get('https://a.example', 'tenant', 1000)).toBe(first)
    pools.get('https://c.example', `tenant-${at}`, 1000)
  }
  expect([pools.size, first.closed, second.closed]).toEqual([512, false, true])
  expect(pools.get('https://b.example', 'tenant', 1000)).not.toBe(second)
  await pools.close()
})
