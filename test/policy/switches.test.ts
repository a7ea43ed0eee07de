import { expect, it } from 'vitest'
import type { Incident } from '../../src/contract/incident.ts'
import { createSwitches } from '../../src/policy/switches.ts'

const NOON = Date.UTC(2026, 7, 1, 12)
const off: Incident = {
  ...{ kind: 'disable', subject: 'acme', reason: 'degraded', by: 'ops' },
  since: new Date(NOON).toISOString(),
  until: new Date(NOON + 1_000).toISOString(),
}

it('an incident is over by itself, to the millisecond, and another load forgets it', () => {
  let clock = NOON
  const switches = createSwitches({ now: () => clock })
  switches.load([off, { ...off, kind: 'redirect', subject: 'a', to: 'b' }])
  expect([switches.disabled('acme'), switches.disabled('other'), switches.redirected('a')?.to]).toEqual([off, undefined, 'b'])
  clock = NOON + 999
  expect(switches.all().length).toBe(2)
  clock = NOON + 1_000
  expect([switches.disabled('acme'), switches.redirected('a'), switches.all()]).toEqual([undefined, undefined, []])
  clock = NOON
  switches.load([])
  expect(switches.disabled('acme')).toBeUndefined()
})
