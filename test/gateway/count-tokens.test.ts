import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openRelayed, type Relayed } from '../support/relayed.ts'

let relayed: Relayed
beforeAll(async () => {
  relayed = await openRelayed()
})
afterAll(() => relayed.close())

const CLAUDE = 'claude-haiku-4-5'

describe('counting tokens', () => {
  it.each([
    {
      protocol: 'Messages',
      path: '/v1/messages/count_tokens?beta=true',
      body: `{ "model":"anthropic/${CLAUDE}",  "messages":[{"role":"user","content":"Hello"}], "odd": 12345678901234567890 }`,
      sent: { path: '/anthropic/v1/messages/count_tokens', from: `anthropic/${CLAUDE}`, to: CLAUDE },
      answer: '{ "input_tokens": 14 }',
    },
    {
      protocol: 'generateContent',
      path: '/v1beta/models/google/gemini-2.5-flash:countTokens',
      body: '{ "contents":[{"parts":[{"text":"Hello"}]}] }',
      sent: { path: '/google/models/gemini-2.5-flash:countTokens', from: '', to: '' },
      answer: '{\n  "totalTokens": 4 }',
    },
  ])('of $protocol passes bytes both ways and is booked as free', async ({ path, body, sent, answer }) => {
    const before = (await relayed.hand.booked(relayed.tenant.id)).length
    relayed.provider.answer({ headers: { 'content-type': 'application/json' }, body: answer })
    const got = await post(path, body)
    expect(got).toMatchObject({ status: 200, text: answer, headers: { 'x-tollgate-charge-usd': '0' } })
    const received = relayed.provider.journal.at(-1)!
    expect({ path: received.path, body: received.body.toString() }).toEqual({ path: sent.path, body: body.replace(sent.from, sent.to) })
    const [row] = (await relayed.hand.settled(relayed.tenant.id, before + 1)).slice(-1)
    expect(row).toMatchObject({ state: 'settled', cost: 0, outcome: { usage: { input: 0, output: 0 } } })
  })

  it("passes the headers of Anthropic's protocol on", async () => {
    relayed.provider.answer({ body: { input_tokens: 1 } })
    await post('/v1/messages/count_tokens', JSON.stringify({ model: `anthropic/${CLAUDE}`, messages: [] }), {
      'anthropic-version': '2023-06-01',
      'anthropic-beta': 'token-counting-2024-11-01',
    })
    expect(relayed.provider.journal.at(-1)?.headers).toMatchObject({ 'anthropic-beta': 'token-counting-2024-11-01' })
  })

  it('is refused by name where the provider does not count, and nothing is sent or booked', async () => {
    const sent = relayed.provider.journal.length
    const booked = (await relayed.hand.booked(relayed.tenant.id)).length
    const claude = await post('/v1/messages/count_tokens', JSON.stringify({ model: 'openai/gpt-4o', messages: [] }))
    expect(claude.status).toBe(400)
    expect(JSON.parse(claude.text)).toMatchObject({
      type: 'error',
      error: {
        message: expect.stringContaining('cannot count tokens'),
        details: { error_code: 'unsupported_parameter', param: 'count_tokens' },
      },
    })
    const gemini = await post('/v1beta/models/openai/gpt-4o:countTokens', '{"contents":[]}')
    expect(JSON.parse(gemini.text)).toMatchObject({ error: { code: 400, status: 'INVALID_ARGUMENT' } })
    expect([relayed.provider.journal.length, (await relayed.hand.booked(relayed.tenant.id)).length]).toEqual([sent, booked])
  })

  it("is judged like the call it is for, and tells the provider's refusal", async () => {
    const unknown = await post('/v1/messages/count_tokens', '{"model":"nobody/knows","messages":[]}')
    expect([unknown.status, JSON.parse(unknown.text).error.details.error_code]).toEqual([404, 'model_not_found'])
    relayed.provider.answer({ status: 404, body: { type: 'error', error: { type: 'not_found_error', message: 'No such model.' } } })
    const refused = await post('/v1/messages/count_tokens', JSON.stringify({ model: 'anthropic/claude-none', messages: [] }))
    expect([refused.status, JSON.parse(refused.text).error.message]).toEqual([404, 'No such model.'])
  })
})

async function post(
  path: string,
  body: string,
  headers: Record<string, string> = {},
): Promise<{ status: number; headers: Record<string, string>; text: string }> {
  const response = await fetch(relayed.gateway.url + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-api-key': relayed.tenant.key, ...headers },
    body,
  })
  return { status: response.status, headers: Object.fromEntries(response.headers), text: await response.text() }
}
