import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Any } from '../contract/dialects/words.ts'
import { type Families, openFamilies } from '../support/families.ts'
import { upstreams } from '../support/upstreams.ts'

// What a provider's models take differs by model: exact names or globs on the whole wire name, never a part of it.

let world: Families

beforeAll(async () => {
  world = await openFamilies(['openai', 'anthropic', 'google'])
})
afterAll(() => world.close())

/** What the provider got, and what the client was told. */
async function asked(path: string, body: { model: string; [field: string]: unknown }): Promise<{ sent: Any; dropped: string | null }> {
  const dialect = DIALECTS[body.model.split('/')[0]!]
  world.provider.answer({ body: upstreams.find((one) => one.dialect === dialect)!.text })
  const response = await world.post(path, body)
  expect(response.status, await response.text()).toBe(200)
  return { sent: JSON.parse(world.provider.journal.at(-1)!.body.toString()), dropped: response.headers.get('x-tollgate-params-dropped') }
}

const DIALECTS: Record<string, string> = { openai: 'openai-chat', anthropic: 'anthropic-messages', google: 'gemini' }
const messages = [{ role: 'user', content: 'Hello' }]

describe('where the bytes pass', () => {
  it.for([
    ['gpt-4o', { max_tokens: 5, temperature: 0.2 }, null],
    ['gpt-4.1-mini', { max_tokens: 5 }, null],
    ['ft:gpt-4o-2024-08-06:mill::x', { max_tokens: 5 }, null],
    ['gpt-5-mini', { temperature: 0.2, top_p: 0.9 }, 'temperature, top_p'],
    ['o3', { temperature: 0.2 }, 'temperature'],
    ['gpt-5-chat-latest', { temperature: 0.2 }, null],
    ['not-gpt-4', { max_tokens: 5 }, 'max_tokens -> max_completion_tokens'],
    ['somebody/gpt-4o', { max_tokens: 5 }, 'max_tokens -> max_completion_tokens'],
  ] as const)('%s is sent what it takes', async ([model, more, dropped]) => {
    const got = await asked('/v1/chat/completions', { model: `openai/${model}`, messages, ...more })
    expect(got.dropped).toBe(dropped)
    if (dropped === null) expect(got.sent).toEqual({ model, messages, ...more })
  })

  it('what a model does anyway is not taken out of its bytes', async () => {
    const got = await asked('/v1/chat/completions', { model: 'openai/gpt-5-nano', messages, temperature: 1, top_p: 1 })
    expect(got).toEqual({ sent: { model: 'gpt-5-nano', messages, temperature: 1, top_p: 1 }, dropped: null })
  })

  it('Claudes that are past sampling are not told how to', async () => {
    const body = { model: 'anthropic/claude-opus-4-8', max_tokens: 9, messages, temperature: 0.2 }
    expect(await asked('/v1/messages', body)).toEqual({
      sent: { model: 'claude-opus-4-8', max_tokens: 9, messages },
      dropped: 'temperature',
    })
    const older = await asked('/v1/messages', { ...body, model: 'anthropic/claude-opus-4-6' })
    expect(older).toMatchObject({ sent: { temperature: 0.2 }, dropped: null })
  })
})

describe('where they do not', () => {
  const thinkingOf = ({ sent }: { sent: Any }) => sent.thinking ?? sent.generationConfig?.thinkingConfig
  const think = (model: string) => asked('/v1/chat/completions', { model, messages, max_tokens: 9000, reasoning_effort: 'low' })

  it.for([
    ['anthropic/claude-3-7-sonnet-20250219', { type: 'enabled', budget_tokens: 1024 }],
    ['anthropic/claude-sonnet-4-20250514', { type: 'enabled', budget_tokens: 1024 }],
    ['anthropic/claude-haiku-4-5', { type: 'enabled', budget_tokens: 1024 }],
    ['anthropic/claude-sonnet-4-6', { type: 'adaptive' }],
    ['anthropic/claude-of-tomorrow', { type: 'adaptive' }],
    ['google/gemini-2.5-pro', { thinkingBudget: 1024 }],
    ['google/gemini-3.5-flash', { thinkingLevel: 'LOW' }],
  ] as const)('%s thinks as it can', async ([model, thinking]) => {
    expect(thinkingOf(await think(model))).toMatchObject(thinking)
  })

  it('a turn that began without its thought goes on without, and says so', async () => {
    const call = { id: 'c1', type: 'function', function: { name: 'look', arguments: '{}' } }
    const said = (marks: object) => [
      ...messages,
      { role: 'assistant', tool_calls: [call], ...marks },
      { role: 'tool', tool_call_id: 'c1', content: 'Blue.' },
    ]
    const goOn = (model: string, marks: object) =>
      asked('/v1/chat/completions', { model, messages: said(marks), max_tokens: 9000, reasoning_effort: 'low' })
    const unmarked = await goOn('anthropic/claude-sonnet-4-5', {})
    expect([thinkingOf(unmarked), unmarked.dropped]).toEqual([undefined, 'reasoning_effort'])
    const kept = { reasoning_details: [{ type: 'reasoning.text', text: 'Hm.', signature: 's', format: 'anthropic-claude-v1' }] }
    expect(thinkingOf(await goOn('anthropic/claude-sonnet-4-5', kept))).toMatchObject({ type: 'enabled' })
    expect(thinkingOf(await goOn('anthropic/claude-sonnet-4-6', {}))).toMatchObject({ type: 'adaptive' })
  })
})
