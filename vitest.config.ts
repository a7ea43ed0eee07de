import { defineConfig } from 'vitest/config'

// With `TEST_DEPLOYMENT=many`: what is asked of a whole gateway, asked of one over PostgreSQL and Redis. Left out is what knows no store,
// for it is translation, and what chooses its own.
const many = process.env['TEST_DEPLOYMENT'] === 'many'
const WHOLE = ['test/gateway/**/*.test.ts', 'test/cli/running.test.ts', 'test/desk/diagnose.test.ts']
const TRANSLATION = ['test/gateway/*recordings.test.ts', 'test/gateway/ingress-*.test.ts']
const CHOOSING = [
  'start',
  'stopping',
  'disk',
  'many-open',
  'postgres',
  'four-replicas',
  'two-replicas',
  'shared-limits',
  'shared-cache',
].map((name) => `test/gateway/${name}.test.ts`)

export default defineConfig({
  test: {
    include: many ? WHOLE : ['test/**/*.test.ts'],
    exclude: ['**/node_modules/**', 'test/clients/**', 'test/agents/**', 'test/bench/**', ...(many ? [...TRANSLATION, ...CHOOSING] : [])],
    testTimeout: 20_000,
    hookTimeout: 30_000,
    // Some tests measure time on a machine they share; one that is slow once is tried again where nobody watches.
    retry: process.env['CI'] ? 2 : 0,
    pool: 'forks',
    // Many wait more than they work.
    maxWorkers: 2,
  },
})
