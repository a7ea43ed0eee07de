import { describe, expect, it } from 'vitest'
import { isMistralClient, mistralChat } from '../../../providers/mistral/chat.ts'
import { mistral } from '../../../providers/mistral.ts'
import { forModel } from '../../../src/attempt/quirks.ts'
import type { ChatChunk, ChatRequest } from '../../../src/contract/chat.ts'
import { paramsDropped } from '../../../src/contract/params.ts'
import { openaiChat } from '../../../src/dialects/openai-chat.ts'
import type { Any } from './words.ts'

// Mistral's habits: upstream, where others' clients ask its models, and of its own clients, where they ask others' models.

const HELLO = { role: 'user', content: 'Hello' } as const
const CALL = { id: 'toolu_01ABC', type: 'function', function: { name: 'look', arguments: '{}' } } as const

function sent(chat: object, model = 'mistral-small-latest'): Any {
  const request = { model, messages: [HELLO], ...chat } as ChatRequest
  return JSON.parse(JSON.stringify(openaiChat.encodeRequest(request, { stream: false, quirks: forModel(mistral, model).quirks })))
}

describe('a request to Mistral', () => {
  it('names the seed and the limit as Mistral does', () => {
    const { quirks } = mistral
    expect(sent({ seed: 7, max_completion_tokens: 9 })).toMatchObject({ random_seed: 7, max_tokens: 9 })
    expect(paramsDropped({ model: 'm', seed: 7 }, openaiChat, quirks)).toEqual([])
  })

  it('tells calls and their results by ids of nine letters and digits, the same for the same call', () => {
    const { messages } = sent({
      messages: [HELLO, { role: 'assistant', tool_calls: [CALL] }, { role: 'tool', tool_call_id: CALL.id, content: 'x' }],
    })
    const [id] = messages[1].tool_calls.map((call: Any) => call.id)
    expect([id, messages[2].tool_call_id]).toEqual([expect.stringMatching(/^[A-Za-z0-9]{9}$/), id])
    const own = sent({ messages: [HELLO, { role: 'assistant', tool_calls: [{ ...CALL, id: 'D681PevKs' }] }] })
    expect(own.messages[1].tool_calls[0].id).toBe('D681PevKs')
  })

  it('marks an answer that the client has begun', () => {
    expect(sent({ messages: [HELLO, { role: 'assistant', content: 'Dear' }] }).messages[1]).toEqual({
      role: 'assistant',
      content: 'Dear',
      prefix: true,
    })
    expect(sent({ messages: [{ role: 'assistant', content: 'Dear' }, HELLO] }).messages[0]).not.toHaveProperty('prefix')
  })

  it('brings thoughts back as the parts they were', () => {
    const [, said] = sent({ messages: [HELLO, { role: 'assistant', content: 'Hi.', reasoning_content: 'Hm.' }, HELLO] }).messages
    expect(said.content).toEqual([
      { type: 'thinking', thinking: [{ type: 'text', text: 'Hm.' }] },
      { type: 'text', text: 'Hi.' },
    ])
    expect(said).not.toHaveProperty('reasoning_content')
  })

  it.for([
    ['mistral-small-latest', 'low', { reasoning_effort: 'high' }],
    ['mistral-medium-2604', 'minimal', { reasoning_effort: 'none' }],
    ['mistral-large-4', 'none', { reasoning_effort: 'low' }],
    ['magistral-small-2509', 'medium', { prompt_mode: 'reasoning' }],
    ['mistral-of-tomorrow', 'medium', { reasoning_effort: 'medium' }],
  ] as const)('has %s think in its way', ([model, reasoning_effort, expected]) => {
    const { reasoning_effort: effort, prompt_mode } = sent({ reasoning_effort }, model)
    expect({ ...(effort && { reasoning_effort: effort }), ...(prompt_mode && { prompt_mode }) }).toEqual(expected)
  })
})

describe('a client of Mistral', () => {
  it.for([
    ['mistral-client-typescript/2.7.0', true],
    ['mistral-client-python/1.9.11', true],
    ['OpenAI/JS 7.57.0', false],
    ['not-mistral-client-typescript/1', false],
  ] as const)('is known by its name: %s', ([agent, known]) => {
    expect(isMistralClient({ header: () => agent })).toBe(known)
  })

  it('is understood', () => {
    const thought = { type: 'thinking', thinking: [{ type: 'text', text: 'Hm.' }], signature: 'of-mistral' }
    const asked = mistralChat.decodeRequest({
      ...{ model: 'm', random_seed: 7, tool_choice: 'any', prompt_mode: 'reasoning', safe_prompt: true },
      messages: [
        { role: 'user', content: [{ type: 'image_url', image_url: 'https://pictures.example/a.png' }] },
        {
          role: 'assistant',
          content: [thought, { type: 'text', text: 'I look.' }],
          tool_calls: [{ id: 'c1', function: { name: 'look', arguments: { at: 1 } } }],
        },
      ],
    })
    expect(asked).toMatchObject({
      ...{ seed: 7, tool_choice: 'required', reasoning: { enabled: true }, safe_prompt: true },
      messages: [
        { role: 'user', content: [{ type: 'image_url', image_url: { url: 'https://pictures.example/a.png' } }] },
        {
          ...{ role: 'assistant', content: [{ type: 'text', text: 'I look.' }], reasoning_content: 'Hm.' },
          tool_calls: [{ id: 'c1', type: 'function', function: { name: 'look', arguments: '{"at":1}' } }],
        },
      ],
    })
    expect(paramsDropped(asked, openaiChat)).toContain('safe_prompt')
  })

  it('gets thoughts with their marks, calls whole, and usage unasked', () => {
    const encoder = mistralChat.encodeStream()
    const chunk = (delta: object, finish_reason: string | null = null) =>
      ({ id: 'c', object: 'chat.completion.chunk', created: 1, model: 'm', choices: [{ index: 0, delta, finish_reason }] }) as ChatChunk
    const marks = [{ type: 'reasoning.text', index: 0, text: 'Hm.', signature: 'sig', format: 'anthropic-claude-v1' }]
    const told = [
      chunk({ role: 'assistant', content: '' }),
      chunk({ reasoning_content: 'Hm.', reasoning_details: marks }),
      chunk({ content: 'I look.' }),
      chunk({ tool_calls: [{ index: 0, id: 'c1', type: 'function', function: { name: 'look', arguments: '{"at"' } }] }),
      chunk({ tool_calls: [{ index: 0, function: { arguments: ':1}' } }] }),
      chunk({}, 'tool_calls'),
      { ...chunk({}), choices: [], usage: { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 } },
    ]
    const events = [...told.flatMap((one) => encoder.push(one)), ...encoder.end()].map(({ data }) => data)
    const payloads: Any[] = events.slice(0, -1).map((data) => JSON.parse(data))
    const parts = payloads.flatMap(({ choices }) => choices[0].delta.content).filter((part) => part !== '')
    expect(parts.map((part) => part.thinking?.[0]?.text ?? part.signature ?? part)).toEqual(['Hm.', expect.any(String), 'I look.'])
    expect(payloads.at(-1)).toMatchObject({
      choices: [
        { delta: { tool_calls: [{ index: 0, id: 'c1', function: { name: 'look', arguments: '{"at":1}' } }] }, finish_reason: 'tool_calls' },
      ],
      usage: { prompt_tokens: 3 },
    })
    expect(events.at(-1)).toBe('[DONE]')
    const content = parts.map((part) => (typeof part === 'string' ? { type: 'text', text: part } : part))
    const again = mistralChat.decodeRequest({ model: 'm', messages: [{ role: 'assistant', content }] })
    expect(again.messages[0]).toMatchObject({ reasoning_content: 'Hm.', reasoning_details: marks })
  })

  it('is told nothing of an end that did not come', () => {
    const encoder = mistralChat.encodeStream()
    expect(encoder.end()).toEqual([])
  })
})
