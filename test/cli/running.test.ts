import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type CommandLine, commandLine } from '../support/command-line.ts'
import { type FakeProvider, startFakeProvider } from '../support/fake-provider.ts'
import { startGateway, type TestGateway } from '../support/gateway.ts'
import { many } from '../support/state.ts'

// The command line beside a running gateway: over --url, and over the same files.

let gateway: TestGateway
let provider: FakeProvider
let cli: CommandLine
beforeAll(async () => {
  provider = await startFakeProvider(({ headers }) =>
    headers['authorization'] === 'Bearer sk-good-0123456789abcdef'
      ? { body: { data: [] } }
      : {
          status: 401,
          body: { error: { message: 'This key ends in our tears.', type: 'invalid_request_error', code: 'invalid_api_key' } },
        },
  )
  gateway = await startGateway({ providers: { openai: `${provider.origin}/v1` } })
  cli = commandLine()
})
afterAll(async () => {
  await gateway.stop()
  await provider.close()
  cli.remove()
})

const over = (words: readonly string[], input = '') =>
  cli.run([...words, '--url', gateway.url], { input, env: { TOLLGATE_ADMIN_KEY: gateway.adminKey } })

const beside = (words: readonly string[]) => cli.run(words, { env: { ...gateway.state.env, TOLLGATE_CONFIG: gateway.configFolder } })

describe('over --url', () => {
  it('does what it does at home, in the name of the admin key', async () => {
    expect(await over(['tenants', 'create', 'brennan', '--plan', 'team'])).toMatchObject({ code: 0 })
    expect(await over(['provider-keys', 'set', 'brennan', 'openai'], 'sk-bad-0123456789abcdefgh')).toMatchObject({ code: 0 })
    const refused = await over(['explain', '--tenant', 'brennan', '--model', 'openai/gpt-5-mini', '--json'])
    expect(refused.json()).toMatchObject({ verdict: 'allowed', tenant: 'brennan' })
    const { body } = await gateway.api('GET', '/audit')
    const actions = body.data.map(({ actor, action }: { actor: string; action: string }) => `${action} by ${actor}`)
    expect(actions).toContain('provider_key.set by break-glass (breakglass)')
  })

  it('asks the provider, whose own words are shown', async () => {
    const tested = await over(['provider-keys', 'test', 'brennan', 'openai'])
    expect(tested).toMatchObject({ code: 1, out: 'The provider refuses this key: "This key ends in our tears."\n' })
    const diagnosed = await over(['provider-keys', 'diagnose', 'brennan', 'openai'])
    expect(diagnosed.code).toBe(1)
    expect(diagnosed.out).toMatch(/^bad {2}The key of brennan for OpenAI in OPENAI_API_KEY is refused by OpenAI itself/)
    expect(diagnosed.out).toMatch(/used .*401 +bad .*This key ends in our tears\./)

    await over(['provider-keys', 'set', 'brennan', 'openai'], 'sk-good-0123456789abcdef')
    expect(await over(['provider-keys', 'test', 'brennan', 'openai'])).toMatchObject({ code: 0 })
    expect(cli.said.join('\n')).not.toContain('0123456789')
  })

  it('needs a key that is right, and a gateway that is there', async () => {
    const none = await cli.run(['tenants', 'list', '--url', gateway.url])
    expect(none).toMatchObject({ code: 2, err: expect.stringContaining('TOLLGATE_ADMIN_KEY') })
    const wrong = await cli.run(['tenants', 'list', '--url', gateway.url], { env: { TOLLGATE_ADMIN_KEY: 'x'.repeat(40) } })
    expect(wrong).toMatchObject({ code: 1, err: expect.stringContaining('no gateway key known here') })
    const nobody = await cli.run(['tenants', 'list', '--url', 'http://127.0.0.1:1'], { env: { TOLLGATE_ADMIN_KEY: gateway.adminKey } })
    expect(nobody).toMatchObject({ code: 1, err: expect.stringContaining('No gateway answers at http://127.0.0.1:1') })
  })
})

describe('beside a running gateway', () => {
  it('explains a request that was answered, from the books, and the books add up', async () => {
    const { key } = await gateway.tenant('asker', 'team', { providers: ['demo'] })
    const body = { model: 'demo/echo', messages: [{ role: 'user', content: 'Hello' }] }
    const answer = await gateway.call('POST', '/v1/chat/completions', { key, body })
    const explained = await beside(['explain', '--request', answer.headers.get('x-request-id') ?? ''])
    expect(explained.out).toMatch(/^Plan team let asker use demo\/echo; no key was needed\. The first attempt was answered with 200\./)
    expect(await beside(['ledger', 'verify'])).toMatchObject({ code: 0, out: expect.stringContaining('1 attempts (1 settled)') })
    expect((await beside(['usage', '--tenant', 'asker'])).out).toMatch(/asker +demo\/echo +none +1 /)
  })

  it('changes what the gateway serves within a second', async () => {
    const made = await beside(['keys', 'create', '--tenant', 'brennan'])
    const key = made.out.split('\n')[0] ?? ''
    const status = async () => (await gateway.call('GET', '/v1/models', { key })).status
    await expect.poll(status, { timeout: 1_000 }).toBe(200)
    await beside(['tenants', 'suspend', 'brennan'])
    await expect.poll(status, { timeout: 1_000 }).toBe(403)
    await beside(['tenants', 'resume', 'brennan'])
    await expect.poll(status, { timeout: 1_000 }).toBe(200)
  })

  const given = many ? ', skipped: many processes are given theirs' : ''
  it.skipIf(many)(`exchanges the master key under it: old rows open, and new ones are sealed under the new key${given}`, async () => {
    const rotated = (await beside(['master-keys', 'rotate', '--json'])).json()
    expect(rotated).toMatchObject({ current: 'k2', left: [], file: join(gateway.dataFolder, 'master.key') })
    await gateway.tenant('later', 'team')
    expect(await gateway.api('PUT', '/tenants/later/provider-keys/openai', { key: 'sk-good-0123456789abcdef' })).toMatchObject({
      status: 200,
    })
    expect((await gateway.api('POST', '/tenants/later/provider-keys/openai/test')).body).toMatchObject({ verdict: 'good' })
    expect((await gateway.api('POST', '/tenants/brennan/provider-keys/openai/test')).body).toMatchObject({ verdict: 'good' })
    const status = (await beside(['master-keys', 'status', '--json'])).json()
    expect(status.keys).toContainEqual({ id: 'k1', given: true, rows: 0, data_keys: 0 })
    expect((await beside(['provider-keys', 'list', 'later'])).out).toMatch(/^openai +OPENAI_API_KEY +canonical +cdef +usable +sealed/m)
  })
})
