import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { oddities } from '../../src/desk/key-text.ts'
import { ByHand } from '../support/by-hand.ts'
import { type FakeProvider, startFakeProvider } from '../support/fake-provider.ts'
import { type ApiAnswer, startGateway, type TestGateway } from '../support/gateway.ts'
import { providerOf } from '../support/shipped.ts'

// "It works on the provider's site": a vendor with two sites that take different keys.

const MAIN = 'mk-main-0123456789abcdef'
const CHINA = 'mk-china-0123456789abcdef'

let main: FakeProvider
let china: FakeProvider
let gateway: TestGateway
let hand: ByHand
beforeAll(async () => {
  main = await startFakeProvider(({ headers }) => answer(headers['authorization'] === `Bearer ${MAIN}`, headers['authorization']))
  china = await startFakeProvider(({ headers }) => answer(headers['authorization'] === `Bearer ${CHINA}`, headers['authorization']))
  const entry = `providers:\n  - id: minimax\n    base_url: ${main.origin}/v1\n    regions: { cn: "${china.origin}/v1" }\n    key_prefixes: [mk-]\n`
  gateway = await startGateway({ config: { 'providers.yaml': entry } })
  hand = new ByHand(gateway)
  await gateway.tenant('brennan', 'team')
})
afterAll(async () => {
  await gateway.stop()
  await main.close()
  await china.close()
})
beforeEach(async () => {
  await hand.run('DELETE FROM tenant_settings')
  await gateway.api('PATCH', '/tenants/brennan', { name: `Brennan ${Math.random()}` })
  main.journal.length = 0
  china.journal.length = 0
})

function answer(good: boolean, sent: string | undefined): { status?: number; body: object } {
  if (good) return { body: { data: [] } }
  return { status: 401, body: { error: { message: `invalid api key: ${sent}`, code: 'invalid_api_key' } } }
}

const set = (key: string, more: object = {}): Promise<ApiAnswer> =>
  gateway.api('PUT', '/tenants/brennan/provider-keys/minimax', { key, ...more })
const diagnose = async () => (await gateway.api('POST', '/tenants/brennan/provider-keys/minimax/diagnose')).body

describe('a diagnosis', () => {
  it('of no key says where it was looked for', async () => {
    const found = await diagnose()
    expect(found).toMatchObject({ verdict: 'missing', fix: 'tollgate provider-keys set brennan minimax', rows: [], calls: [] })
    expect(found.looked_for.map(({ setting_key }: { setting_key: string }) => setting_key)).toContain('MINIMAX_2_7_API_KEY')
  })

  it('of a good key says where it was accepted', async () => {
    await set(MAIN)
    const found = await diagnose()
    expect(found.verdict).toBe('good')
    expect(found.because).toContain(`accepted at ${main.origin}/v1`)
    expect(found.calls.map(({ region, used, verdict }: never) => ({ region, used, verdict }))).toEqual([
      { region: null, used: true, verdict: 'good' },
      { region: 'cn', used: false, verdict: 'bad' },
    ])
  })

  it('of a key of the other site names the region to store it with', async () => {
    await set(CHINA)
    expect(await diagnose()).toMatchObject({ verdict: 'wrong_region', fix: 'tollgate provider-keys set brennan minimax --region cn' })
    await set(CHINA, { region: 'cn' })
    expect(await diagnose()).toMatchObject({ verdict: 'good' })
    await set(MAIN, { region: 'cn' })
    expect(await diagnose()).toMatchObject({ verdict: 'wrong_region', fix: 'tollgate provider-keys set brennan minimax' })
  })

  it("of a bad key gives the provider's words without the key they repeat", async () => {
    await set('mk-bad-0123456789abcdef')
    const found = await diagnose()
    expect(found.verdict).toBe('bad')
    expect(found.because).toContain('"invalid api key: Bearer [redacted]"')
    expect(JSON.stringify(found)).not.toContain('0123456789')
  })

  it("of another vendor's key never sends it", async () => {
    await set('sk-ant-0123456789abcdefghij')
    const found = await diagnose()
    expect(found.verdict).toBe('wrong_vendor')
    expect(found.because).toContain('looks like one of Anthropic; it was not sent to MiniMax.')
    expect([main.journal.length, china.journal.length]).toEqual([0, 0])
  })

  it('of a row that cannot be read looks at its text all the same', async () => {
    await hand.setting((await gateway.api('GET', '/tenants/brennan')).body.id, 'MINIMAX_2_7_API_KEY', 'Bearer mk-0123456789\u00a0abcdef')
    await expect.poll(async () => (await diagnose()).verdict).toBe('unreadable')
    const found = await diagnose()
    expect(found.oddities).toEqual(
      expect.arrayContaining([expect.stringContaining('Bearer'), expect.stringContaining('a no-break space (U+00A0)')]),
    )
    expect(found.rows).toMatchObject([{ setting_key: 'MINIMAX_2_7_API_KEY', via: 'legacy', status: 'unreadable' }])
    expect([main.journal.length, china.journal.length]).toEqual([0, 0])
  })

  it('leaves its row in the audit', async () => {
    await diagnose()
    const { data } = (await gateway.api('GET', '/audit?limit=1')).body
    expect(data).toMatchObject([{ action: 'provider_key.diagnose', object: 'brennan/minimax' }])
  })
})

describe('the text of a key', () => {
  const openai = providerOf('openai')

  it.each([
    ['"sk-proj-0123456789"', 'in quotes'],
    ['Bearer sk-proj-0123456789', 'Bearer'],
    ['OPENAI_API_KEY=sk-proj-01', 'name of a variable'],
    ['sk-proj-012345\\n', 'escaped line break'],
    ['sk-proj-****6789', 'masked'],
    ['sk-proj-…6789', 'masked'],
    ['your-api-key', 'placeholder'],
    ['https://api.openai.com', 'address'],
    ['sk-proj-01\u200b23', 'a zero-width space (U+200B)'],
    ['sk-proj-\u0430bc', 'a character outside ASCII (U+0430)'],
    ['gsk_0123456789', 'usually begin with sk-proj-'],
  ])('%s is odd', (text, words) => {
    expect(oddities(text, openai).join('; ')).toContain(words)
  })

  it('of a usual key has nothing odd about it', () => {
    expect(oddities('sk-proj-AbC_012-3456789', openai)).toEqual([])
    expect(oddities('9f8e7d6c5b4a39281706f5e4d3c2b1a0', providerOf('mistral'))).toEqual([])
  })
})
