import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type CommandLine, commandLine } from '../support/command-line.ts'

// A key of several parts, typed at a terminal, with no server running.

let cli: CommandLine
beforeAll(async () => {
  cli = commandLine()
  await cli.run(['tenants', 'create', 'acme', '--plan', 'team'])
})
afterAll(() => cli.remove())

const set = (provider: string, fields: object, ...options: string[]) =>
  cli.run(['provider-keys', 'set', 'acme', provider, ...options], { input: JSON.stringify(fields) })

describe('provider-keys', () => {
  it('takes a credentials file as it is, and says where it leads', async () => {
    const pem = `-----BEGIN PRIVATE KEY-----\n${'A'.repeat(64)}\n-----END PRIVATE KEY-----\n`
    const file = {
      type: 'service_account',
      project_id: 'acme-1',
      private_key_id: `${'f'.repeat(36)}1234`,
      private_key: pem,
      client_email: 'r@acme-1.example',
    }
    const { code, out } = await set('vertex', file, '--region', 'us-east5')
    expect({ code, out }).toEqual({
      code: 0,
      out: expect.stringMatching(
        /^The key for vertex \(…1234\) is sealed in GOOGLE_VERTEX_CREDENTIALS\. It leads to .*project acme-1.*\.\n$/,
      ),
    })
    expect(out).toContain('region us-east5')
    const { out: list } = await cli.run(['provider-keys', 'list', 'acme'])
    expect(list).toMatch(/^vertex-anthropic +GOOGLE_VERTEX_CREDENTIALS/m)
    expect(list).not.toContain('AAAA')
  })

  it('names the part that is missing or misspelt', async () => {
    const missing = await set('azure', { key: 'azure-key-0123456789abcdef' })
    expect(missing).toMatchObject({ code: 1, err: expect.stringContaining('lacks `resource`') })
    const misspelt = await set('azure', { key: 'azure-key-0123456789abcdef', resourc: 'acme' })
    expect(misspelt).toMatchObject({ code: 1, err: expect.stringContaining('has no field `resourc`: it takes key, resource') })
    expect(cli.said.join('\n')).not.toContain('azure-key-0123456789abcdef')
  })
})
