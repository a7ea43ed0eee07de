import type { Drains } from '../contract/gateway.ts'

/** Milliseconds that an answer is read on after its client has left. */
const LONGEST = 30_000
/** So many at a time: each holds a connection that nobody waits for. */
const MOST = 64

/** Answers of providers that bill to the end what was asked, read on for what they have to say of it. */
export function createDrains({ after }: { after: (ms: number, run: () => void) => () => void }): Drains {
  const running = new Set<() => void>()
  return {
    enter(stop) {
      if (running.size >= MOST) return undefined
      const end = () => {
        if (running.delete(stop)) forget()
      }
      const forget = after(LONGEST, () => {
        running.delete(stop)
        stop()
      })
      running.add(stop)
      return end
    },
    close() {
      for (const stop of [...running]) stop()
    },
  }
}
