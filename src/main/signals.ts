/** Milliseconds. A process group delivers one signal twice: once to the launcher, which passes it on, and once to us. */
const SAME_SIGNAL = 2_000

/** Stops once on SIGTERM or SIGINT and exits 0; asked again later, it does not wait any longer. */
export function stopOnSignal(stop: () => Promise<void>): void {
  let asked: number | undefined
  const on = (): void => {
    const now = performance.now()
    if (asked === undefined) stop().then(() => process.exit(0), fail)
    else if (now - asked > SAME_SIGNAL) process.exit(1)
    asked ??= now
  }
  process.on('SIGTERM', on)
  process.on('SIGINT', on)
}

function fail(error: unknown): void {
  process.stderr.write(`The gateway could not stop cleanly: ${String(error)}\n`)
  process.exit(1)
}
