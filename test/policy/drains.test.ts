import { expect, it } from 'vitest'
import { createDrains } from '../../src/policy/drains.ts'

const scene = () => {
  const timers: { ms: number; run: () => void; off: boolean }[] = []
  const after = (ms: number, run: () => void) => {
    const timer = { ms, run, off: false }
    timers.push(timer)
    return () => {
      timer.off = true
    }
  }
  const stopped: number[] = []
  return { drains: createDrains({ after }), timers, stopped, stop: (name: number) => () => stopped.push(name) }
}

it('an answer is read on for half a minute at most', () => {
  const { drains, timers, stopped, stop } = scene()
  expect(drains.enter(stop(1))).toBeDefined()
  expect(timers[0]?.ms).toBe(30_000)
  timers[0]?.run()
  expect(stopped).toEqual([1])
})

it('one that has ended is stopped by nobody', () => {
  const { drains, timers, stopped, stop } = scene()
  drains.enter(stop(1))?.()
  expect(timers[0]?.off).toBe(true)
  drains.close()
  expect(stopped).toEqual([])
})

it('no more than 64 are read at a time, and each that ends makes room for one', () => {
  const { drains, stop } = scene()
  const ends = Array.from({ length: 64 }, (_, name) => drains.enter(stop(name)))
  expect(ends.every((end) => end !== undefined)).toBe(true)
  expect(drains.enter(stop(64))).toBeUndefined()
  ends[0]?.()
  expect(drains.enter(stop(65))).toBeDefined()
})

it('all are stopped when the process is about to end', () => {
  const { drains, stopped, stop } = scene()
  for (const name of [1, 2]) drains.enter(stop(name))
  drains.close()
  expect(stopped).toEqual([1, 2])
})
