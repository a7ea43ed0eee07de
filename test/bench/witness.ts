// Loaded into every measured process (`node --import`): answers the bench about itself, so that a figure is read the same way everywhere.

export interface Account {
  /** Microseconds of user and system time, all threads. */
  readonly cpu: number
  /** Bytes. */
  readonly rss: number
}

process.on('message', (question: unknown) => {
  if (question !== 'account') return
  const { user, system } = process.cpuUsage()
  process.send?.({ account: { cpu: user + system, rss: process.memoryUsage.rss() } })
})
// Nobody outlives the bench, however that ends.
process.on('disconnect', () => process.exit())
