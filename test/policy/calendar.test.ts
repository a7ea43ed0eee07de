import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Period } from '../../src/contract/plan.ts'
import { periodOf } from '../../src/policy/calendar.ts'

const bounds = (period: Period, now: string, timezone?: string): string[] => {
  const { start, end } = periodOf(period, Date.parse(now), timezone)
  return [new Date(start).toISOString(), new Date(end).toISOString()]
}

describe('calendar periods', () => {
  it.each<[Period, string, string | undefined, string, string]>([
    ['hour', '2026-03-01T12:34:56Z', undefined, '2026-03-01T12:00:00.000Z', '2026-03-01T13:00:00.000Z'],
    ['day', '2026-03-01T12:34:56Z', undefined, '2026-03-01T00:00:00.000Z', '2026-03-02T00:00:00.000Z'],
    ['week', '2026-03-01T12:34:56Z', undefined, '2026-02-23T00:00:00.000Z', '2026-03-02T00:00:00.000Z'],
    ['week', '2026-03-02T00:00:00Z', undefined, '2026-03-02T00:00:00.000Z', '2026-03-09T00:00:00.000Z'],
    ['month', '2026-12-31T23:59:59Z', undefined, '2026-12-01T00:00:00.000Z', '2027-01-01T00:00:00.000Z'],
    ['month', '2026-02-28T23:30:00Z', 'Europe/Zurich', '2026-02-28T23:00:00.000Z', '2026-03-31T22:00:00.000Z'],
    ['day', '2026-03-29T12:00:00Z', 'Europe/Zurich', '2026-03-28T23:00:00.000Z', '2026-03-29T22:00:00.000Z'],
    ['day', '2026-04-23T21:30:00Z', 'Africa/Cairo', '2026-04-22T22:00:00.000Z', '2026-04-23T22:00:00.000Z'],
    ['day', '2026-10-25T12:00:00Z', 'Europe/Zurich', '2026-10-24T22:00:00.000Z', '2026-10-25T23:00:00.000Z'],
    ['hour', '2026-03-01T12:34:56Z', 'Asia/Kolkata', '2026-03-01T12:30:00.000Z', '2026-03-01T13:30:00.000Z'],
  ])('%s at %s in %s', (...[period, now, timezone, start, end]) => {
    expect(bounds(period, now, timezone)).toEqual([start, end])
  })

  it('hold the moment they are of, and follow each other without a gap', () => {
    const zones = fc.constantFrom(
      'UTC',
      'Europe/Zurich',
      'America/New_York',
      'Asia/Kolkata',
      'Australia/Lord_Howe',
      'Africa/Cairo',
      'America/Santiago',
    )
    const periods = fc.constantFrom<Period>('hour', 'day', 'week', 'month')
    const moments = fc.integer({ min: Date.parse('2020-01-01T00:00:00Z'), max: Date.parse('2035-01-01T00:00:00Z') })
    fc.assert(
      fc.property(zones, periods, moments, (zone, period, now) => {
        const { start, end } = periodOf(period, now, zone)
        expect(start).toBeLessThanOrEqual(now)
        expect(end).toBeGreaterThan(now)
        if (period !== 'hour') expect(periodOf(period, end, zone).start).toBe(end)
      }),
    )
  })

  it('in total is from the beginning without an end', () => {
    expect(periodOf('total', 5)).toEqual({ start: 0, end: Number.POSITIVE_INFINITY })
  })
})
