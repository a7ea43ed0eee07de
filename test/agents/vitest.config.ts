import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: { root: import.meta.dirname, include: ['*.test.ts'], testTimeout: 100_000, hookTimeout: 30_000, pool: 'forks' },
})
