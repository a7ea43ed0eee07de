import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { jsonSchemas } from '../../src/config/schemas.ts'
import { shipped } from '../support/config-folders.ts'

// After a change of a schema: vitest run test/config/schemas.test.ts --update
describe('the schemas that editors read', () => {
  it.each(Object.entries(jsonSchemas()))('%s is what the code checks', async (name, schema) => {
    await expect(`${JSON.stringify(schema, null, 2)}\n`).toMatchFileSnapshot(join(shipped, name))
  })
})
