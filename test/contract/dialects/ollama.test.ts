import { describe, expect, it } from 'vitest'
import { ollama } from '../../../providers/ollama.ts'
import { forModel } from '../../../src/attempt/quirks.ts'
import type { ChatRequest } from '../../../src/contract/chat.ts'
import { paramsDropped } from '../../../src/contract/params.ts'
import { ollamaChat } from '../../../src/dialects/ollama-chat.ts'
import { GatewayError } from '../../../src/errors.ts'
import type { Any } from './words.ts'

const HELLO = { role: 'user', content: 'Hello' } as const
const LOOK = { type: 'function', function: { name: 'look', parameters: { type: 'object' } } }

function sent(chat: object, { model = 'qwen3:4b', ...context }: { model?: string; reasons?: boolean } = {}): Any {
  const request = { model, messages: [HELLO], ...chat } as ChatRequest
  return JSON.parse(
    JSON.stringify(ollamaChat.encodeRequest(request, { stream: false, quirks: forModel(ollama, model).quirks, ...context })),
  )
}

describe('a request to Ollama', () => {
  it('puts sampling and limits into options, over those that the client gave itself', () => {
    const { options, keep_alive, stream } = sent({
      temperature: 0.2,
      max_tokens: 9,
      seed: 7,
      stop: 'END',
      options: { num_ctx: 8192, seed: 1 },
      keep_alive: '5m',
    })
    expect([options, keep_alive, stream]).toEqual([
      { num_ctx: 8192, seed: 7, temperature: 0.2, num_predict: 9, stop: ['END'] },
      '5m',
      false,
    ])
    expect(sent({})).not.toHaveProperty('options')
  })

  it('tells calls with objects, results by the name of their tool, and pictures beside the words', () => {
    const url = 'data:image/png;base64,iVBORw0='
    const messages = [
      {
        role: 'user',
        content: [
          { type: 'text', text: 'See.' },
          { type: 'image_url', image_url: { url } },
        ],
      },
      {
        role: 'assistant',
        reasoning_content: 'Hm.',
        tool_calls: [{ id: 'c1', type: 'function', function: { name: 'look', arguments: '{"at":9007199254740993}' } }],
      },
      { role: 'tool', tool_call_id: 'c1', content: 'Blue.' },
    ]
    const request = { model: 'm', messages } as ChatRequest
    expect(JSON.stringify(ollamaChat.encodeRequest(request, { stream: true, quirks: {} }))).toContain('{"at":9007199254740993}')
    expect(sent({ messages }).messages).toMatchObject([
      { role: 'user', content: 'See.', images: ['iVBORw0='] },
      { role: 'assistant', content: '', thinking: 'Hm.', tool_calls: [{ function: { name: 'look' } }] },
      { role: 'tool', content: 'Blue.', tool_name: 'look', tool_call_id: 'c1' },
    ])
  })

  it('is refused where a picture would have to be fetched', () => {
    const content = [{ type: 'image_url', image_url: { url: 'https://p.example/a.png' } }]
    expect(() => sent({ messages: [{ role: 'user', content }] })).toThrow(GatewayError)
  })

  it.for([
    ['qwen3:4b', 'low', true],
    ['qwen3:4b', 'none', false],
    ['gpt-oss:20b', 'low', 'low'],
    ['gpt-oss:120b', 'xhigh', 'high'],
    ['my-gpt-oss', 'low', true],
  ] as const)('has %s think at effort %s: %j', ([model, reasoning_effort, think]) => {
    expect(sent({ reasoning_effort }, { model }).think).toBe(think)
  })

  it('leaves thinking to a model that was told nothing, or does not think', () => {
    expect([sent({}).think, sent({ reasoning_effort: 'low' }, { reasons: false }).think]).toEqual([undefined, undefined])
  })

  it('asks for JSON by the word or the schema', () => {
    const schema = { type: 'object', properties: {} }
    expect(sent({ response_format: { type: 'json_schema', json_schema: { name: 'x', schema } } }).format).toEqual(schema)
    expect([sent({ response_format: { type: 'json_object' } }).format, sent({}).format]).toEqual(['json', undefined])
  })

  it('can make nobody call, and says so', () => {
    const named = { type: 'function', function: { name: 'look' } }
    const tools = [LOOK, { ...LOOK, function: { name: 'hear' } }]
    const names = (tool_choice: unknown) => sent({ tools, tool_choice }).tools?.map((one: Any) => one.function.name)
    expect(['auto', 'required', 'none', named].map(names)).toEqual([['look', 'hear'], ['look', 'hear'], undefined, ['look']])
    const dropped = (tool_choice: unknown) => paramsDropped({ model: 'm', tools, tool_choice }, ollamaChat)
    expect([dropped('auto'), dropped('required')]).toEqual([[], ['tool_choice']])
  })
})

it('a line is the last only where it says so itself', () => {
  const call = { message: { tool_calls: [{ function: { name: 'x', arguments: { done: true } } }] }, done: false }
  const { isTerminal } = ollamaChat.ending
  expect(
    [call, { done: true }, { message: { content: '"done":true' }, done: false }].map((line) => isTerminal({ data: JSON.stringify(line) })),
  ).toEqual([false, true, false])
})
