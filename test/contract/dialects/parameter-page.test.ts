import { join } from 'node:path'
import { expect, it } from 'vitest'
import { providers } from '../../../providers/index.ts'
import { parameterPage } from '../../../scripts/parameter-page.ts'
import { openaiCompletions } from '../../../src/dialects/openai-completions.ts'
import { conversing } from '../../support/conversing.ts'

// After a change of a table: vitest run test/contract/dialects/parameter-page.test.ts --update
it('docs/parameters.md says what the tables say', async () => {
  const page = parameterPage([...conversing, openaiCompletions], providers)
  await expect(page).toMatchFileSnapshot(join(import.meta.dirname, '../../../docs/parameters.md'))
})
