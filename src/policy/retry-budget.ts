import type { RetryBudget } from '../contract/health.ts'

/** Of the requests under way, so many may be on a further attempt that has no answer yet. */
const SHARE = 0.2
const FLOOR = 3
/** Milliseconds that a further attempt waits for its turn. */
const PATIENCE = 1_000
/** So many wait; beyond them providers are failing in earnest. */
const ROOM = 1_000

type Waiting = (place: (() => void) | undefined) => void

/** A further attempt over the budget waits for one that is answered: providers see no more of them at a time, and few requests are lost. */
export function createRetryBudget({ after }: { after: (ms: number, run: () => void) => () => void }): RetryBudget {
  let active = 0
  let retrying = 0
  const queue = new Set<Waiting>()
  const hasRoom = (): boolean => retrying < Math.max(FLOOR, SHARE * active)

  return {
    enter: () => void active++,
    leave: () => void active--,
    take() {
      if (hasRoom()) return Promise.resolve(place())
      if (queue.size >= ROOM) return Promise.resolve(undefined)
      return new Promise((resolve) => {
        const waiting: Waiting = (given) => {
          queue.delete(waiting)
          stop()
          resolve(given)
        }
        const stop = after(PATIENCE, () => waiting(undefined))
        queue.add(waiting)
      })
    },
  }

  /** A place among those that try again; called once or more, it is free for the next who waits. */
  function place(): () => void {
    retrying++
    let mine = true
    return () => {
      if (!mine) return
      mine = false
      retrying--
      const [next] = queue
      if (next && hasRoom()) next(place())
    }
  }
}
