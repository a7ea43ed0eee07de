import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['**/node_modules/**', 'test/clients/**', 'test/agents/**', 'test/bench/**'],
    testTimeout: 20_000,
    hookTimeout: 30_000,
    // Some tests measure time on a machine they share; one that is slow once is tried again where nobody watches.
    retry: process.env['CI'] ? 2 : 0,
    pool: 'forks',
  },
})
