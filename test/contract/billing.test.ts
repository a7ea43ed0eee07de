import { describe, expect, it } from 'vitest'
import { providers } from '../../providers/index.ts'
import type { Claim } from '../../src/contract/billing.ts'

// What providers export of their own accounts, in the columns and fields that they have; the figures are made up.

const billingOf = (id: string) => {
  const billing = providers.find((provider) => provider.id === id)?.billing
  if (!billing) throw new Error(`${id} has no billing`)
  return billing
}
const short = (claims: readonly Claim[] | undefined) =>
  claims?.map(({ day, model, what, tier, amount, quantity, accounts }) => [day, model, what, tier, amount ?? quantity, accounts.join(' ')])

describe('an export of OpenAI', () => {
  const { read, canonical } = billingOf('openai')
  const HEAD =
    'start_time,end_time,start_time_iso,end_time_iso,amount_value,amount_currency,quantity,quantity_unit,line_item,user_id,api_key_id,project_id,organization_id,project_name,organization_name,user_email,api_source'
  const line = (amount: string, item: string, quantity = '') =>
    `1790553600,1790640000,2026-09-28T00:00:00,2026-09-29T00:00:00,${amount},usd,${quantity},,"${item}",,key_1,proj_a,org-x,"Proj ""A""",Org,a@example.com,`

  it('of cost, as CSV', () => {
    const rows = [
      '1790467200,1790553600,2026-09-27T00:00:00,2026-09-28T00:00:00,,,,,,,,,,,,,',
      line('0.003835980000000000000000000000', 'gpt-5-nano-2025-08-07, input', '1000'),
      line('1e-7', 'gpt-5-nano-2025-08-07, cached input'),
      line('2', 'priority | gpt-5.6-sol, output, long context'),
      line('0.5', 'gpt-audio-mini-2025-12-15 audio, output'),
      line('0.25', 'whisper-1, audio'),
      line('0.1', 'web search tool calls'),
    ]
    expect(short(read(`${HEAD}\r\n${rows.join('\r\n')}\r\n`))).toEqual([
      ['2026-09-28', 'gpt-5-nano', 'input', '', 3_835_980_000n, 'key_1 proj_a Proj "A"'],
      ['2026-09-28', 'gpt-5-nano', 'cacheRead', '', 100_000n, 'key_1 proj_a Proj "A"'],
      ['2026-09-28', 'gpt-5.6-sol', 'output', 'priority', 2_000_000_000_000n, 'key_1 proj_a Proj "A"'],
      ['2026-09-28', 'gpt-audio-mini', 'output', '', 500_000_000_000n, 'key_1 proj_a Proj "A"'],
      ['2026-09-28', 'whisper-1', 'all', '', 250_000_000_000n, 'key_1 proj_a Proj "A"'],
      ['2026-09-28', undefined, 'tool', '', 100_000_000_000n, 'key_1 proj_a Proj "A"'],
    ])
    expect(read(`${HEAD}\n${line('0.25', 'x, input')}`)?.[0]?.grain).toBe(10n ** 10n)
  })

  it('of cost, as its API answers', () => {
    const result = {
      object: 'organization.costs.result',
      amount: { value: 0.06, currency: 'usd' },
      line_item: 'gpt-5, output',
      project_id: 'proj_a',
      api_key_id: null,
    }
    const page = {
      object: 'page',
      data: [{ object: 'bucket', start_time: 1790553600, end_time: 1790640000, results: [result] }],
      has_more: false,
      next_page: null,
    }
    const claim = ['2026-09-28', 'gpt-5', 'output', '', 60_000_000_000n, 'proj_a']
    expect(short(read(JSON.stringify(page)))).toEqual([claim])
    expect(short(read(JSON.stringify([{ ...page, has_more: true }, page])))).toEqual([claim, claim])
    expect(() => read(JSON.stringify({ ...page, has_more: true }))).toThrow('ends before its last page')
    expect(() => read('{"data":')).toThrow('is not valid JSON')
    const euros = { ...result, amount: { value: 1, currency: 'eur' } }
    expect(() => read(JSON.stringify({ data: [{ start_time: 1790553600, results: [euros] }] }))).toThrow('amount_currency')
  })

  it('of usage', () => {
    const head =
      'start_time,end_time,start_time_iso,end_time_iso,project_id,num_model_requests,user_id,api_key_id,model,batch,service_tier,input_tokens,output_tokens,input_cached_tokens'
    const claims = read(`${head}\n1790553600,1790640000,,,proj_a,7,,key_1,gpt-5-mini-2025-08-07,False,default,1000,50,300\n`)
    expect(short(claims)).toEqual([
      ['2026-09-28', 'gpt-5-mini', 'input', '', 700, 'key_1 proj_a'],
      ['2026-09-28', 'gpt-5-mini', 'cacheRead', '', 300, 'key_1 proj_a'],
      ['2026-09-28', 'gpt-5-mini', 'output', '', 50, 'key_1 proj_a'],
    ])
    expect(claims?.map(({ requests }) => requests)).toEqual([7, 0, 0])
  })

  it('of something else is none', () => {
    expect([read('a,b\n1,2\n'), read('hello'), read('{}'), read('a,b\n"1')]).toEqual([undefined, undefined, undefined, undefined])
    expect([canonical('gpt-4o-2024-08-06'), canonical('gpt-4o')]).toEqual(['gpt-4o', 'gpt-4o'])
  })
})

describe('an export of Anthropic', () => {
  const { read, canonical } = billingOf('anthropic')

  it('of cost, as CSV', () => {
    const head =
      'usage_date_utc,model,workspace,api_key,usage_type,context_window,token_type,cost_usd,list_price_usd,cost_type,inference_geo,speed,api_key_id,api_key_status'
    const rows = [
      '2026-08-04,Claude Haiku 4.5,Default,app,message,≤ 200k,input_no_cache,0.05,0.05,token,not_available,,apikey_1,active',
      '2026-08-04,Claude Haiku 4.5,Default,app,batch,≤ 200k,output,0.02,0.04,token,not_available,,apikey_1,active',
      '2026-08-04,,Default,app,,,,0.30,0.30,web_search,,,apikey_1,active',
    ]
    const claims = read(`\uFEFF${head}\n${rows.join('\n')}\n`)
    expect(short(claims)).toEqual([
      ['2026-08-04', 'claude-haiku-4-5', 'input', '', 50_000_000_000n, 'apikey_1 app Default'],
      ['2026-08-04', 'claude-haiku-4-5', 'output', 'batch', 20_000_000_000n, 'apikey_1 app Default'],
      ['2026-08-04', undefined, 'tool', '', 300_000_000_000n, 'apikey_1 app Default'],
    ])
    expect(claims?.[0]?.grain).toBe(10n ** 10n)
  })

  it('of cost and of usage, as its API answers', () => {
    const bucket = { starting_at: '2026-08-04T00:00:00Z', ending_at: '2026-08-05T00:00:00Z' }
    const cost = {
      currency: 'USD',
      amount: '123.78912',
      workspace_id: 'wrkspc_1',
      cost_type: 'tokens',
      model: 'claude-opus-4-5-20251101',
      service_tier: 'standard',
      token_type: 'cache_creation.ephemeral_1h_input_tokens',
    }
    expect(short(read(JSON.stringify({ data: [{ ...bucket, results: [cost] }], has_more: false })))).toEqual([
      ['2026-08-04', 'claude-opus-4-5', 'cacheWrite', '', 1_237_891_200_000n, 'wrkspc_1'],
    ])
    const usage = {
      ...{
        uncached_input_tokens: 10,
        cache_read_input_tokens: 20,
        output_tokens: 30,
        model: 'claude-opus-4-5',
        api_key_id: 'apikey_1',
        service_tier: 'batch',
      },
      ...{ cache_creation: { ephemeral_1h_input_tokens: 4, ephemeral_5m_input_tokens: 5 }, server_tool_use: { web_search_requests: 6 } },
    }
    expect(short(read(JSON.stringify({ data: [{ ...bucket, results: [usage] }], has_more: false })))).toEqual(
      [
        ['input', 10],
        ['cacheRead', 20],
        ['cacheWrite', 9],
        ['output', 30],
        ['tool', 6],
      ].map(([what, count]) => [...['2026-08-04', 'claude-opus-4-5', what, 'batch', count, 'apikey_1']]),
    )
  })

  it('of usage, as CSV', () => {
    const head =
      'usage_date_utc,model_version,api_key,workspace,usage_type,context_window,usage_input_tokens_no_cache,usage_input_tokens_cache_write_5m,usage_input_tokens_cache_write_1h,usage_input_tokens_cache_read,usage_output_tokens,web_search_count,inference_geo,speed'
    const claims = short(read(`${head}\n2026-08-05,claude-opus-4-5-20251101,app,Default,standard,≤ 200k,1,2,3,4,5,6,us,\n`))
    expect(claims?.map(([, model, what, , count]) => [model, what, count])).toEqual(
      [
        ['input', 1],
        ['cacheRead', 4],
        ['cacheWrite', 5],
        ['output', 5],
        ['tool', 6],
      ].map((each) => ['claude-opus-4-5', ...each]),
    )
    expect([canonical('Claude Sonnet 4.5'), canonical('claude-sonnet-4-5-20250929')]).toEqual(['claude-sonnet-4-5', 'claude-sonnet-4-5'])
  })
})
