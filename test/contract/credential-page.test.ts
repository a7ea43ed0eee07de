import { join } from 'node:path'
import { expect, it } from 'vitest'
import { providers } from '../../providers/index.ts'
import { credentialPage } from '../../scripts/credential-page.ts'

// After a change of a provider's parts: vitest run test/contract/credential-page.test.ts --update
it('docs/credentials.md says what the providers’ data say', async () => {
  await expect(credentialPage(providers)).toMatchFileSnapshot(join(import.meta.dirname, '../../docs/credentials.md'))
})
