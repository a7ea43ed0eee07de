import { describe, expect, it } from 'vitest'
import type { ChatRequest } from '../../../src/contract/chat.ts'
import { paramsDropped } from '../../../src/contract/params.ts'
import type { Quirks } from '../../../src/contract/quirks.ts'
import { openaiChat } from '../../../src/dialects/openai-chat.ts'
import type { Any } from './words.ts'

// What a speaker of chat completions is known to lack is asked for in the nearest way it has, and what is lost by that is named.

const tool = (name: string, rest: object = {}) => ({ type: 'function', function: { name, parameters: { type: 'object' }, ...rest } })
const TOOLS = { tools: [tool('look'), tool('hear')] }
const LOOK = { type: 'function', function: { name: 'look' } }
const SCHEMA = { type: 'json_schema', json_schema: { name: 'wind', schema: { type: 'object' } } }

function asked(chat: object, quirks: Quirks): { sent: Any; lost: string[] } {
  const request = { model: 'm', messages: [{ role: 'user', content: 'Hello' }], ...chat } as ChatRequest
  return {
    sent: JSON.parse(JSON.stringify(openaiChat.encodeRequest(request, { stream: false, quirks }))),
    lost: paramsDropped(request, openaiChat, quirks),
  }
}

describe('a choice of tools that a provider does not take', () => {
  const names = ({ sent }: { sent: Any }) => sent.tools?.map((one: Any) => one.function.name)

  it.for([
    ['auto', ['auto'], { choice: 'auto', tools: ['look', 'hear'], lost: [] }],
    ['none', ['auto'], { choice: undefined, tools: undefined, lost: [] }],
    ['required', ['auto'], { choice: undefined, tools: ['look', 'hear'], lost: ['tool_choice'] }],
    [LOOK, ['auto'], { choice: undefined, tools: ['look'], lost: ['tool_choice'] }],
    [LOOK, ['auto', 'required'], { choice: 'required', tools: ['look'], lost: [] }],
    [LOOK, ['auto', 'function'], { choice: LOOK, tools: ['look', 'hear'], lost: [] }],
  ] as const)('%j of %j', ([tool_choice, toolChoiceModes, expected]) => {
    const got = asked({ ...TOOLS, tool_choice }, { toolChoiceModes })
    expect({ choice: got.sent.tool_choice, tools: names(got), lost: got.lost }).toEqual(expected)
  })
})

describe('JSON', () => {
  it.for([
    [SCHEMA, ['json_object'], { type: 'json_object' }, ['response_format.json_schema']],
    [SCHEMA, ['json_schema'], SCHEMA, []],
    [{ type: 'json_object' }, ['json_schema'], { type: 'json_schema', json_schema: { name: 'answer', schema: { type: 'object' } } }, []],
    [{ type: 'text' }, ['json_schema'], { type: 'text' }, []],
  ] as const)('%j where %j is taken', ([response_format, jsonModes, expected, lost]) => {
    const got = asked({ response_format }, { jsonModes })
    expect([got.sent.response_format, got.lost]).toEqual([expected, lost])
  })
})

it('a temperature out of range is the nearest within it', () => {
  const at = (temperature: number) => asked({ temperature }, { temperatureRange: [0, 1] })
  expect([at(1.7), at(0.4)].map(({ sent, lost }) => [sent.temperature, lost])).toEqual([
    [1, ['temperature']],
    [0.4, []],
  ])
})

it('tools are told without strict, and asking for it is named', () => {
  const quirks = { supportsStrictTools: false }
  const strict = asked({ tools: [tool('look', { strict: true })] }, quirks)
  expect([strict.sent.tools[0].function.strict, strict.lost]).toEqual([undefined, ['tools.function.strict']])
  expect(asked({ tools: [tool('look', { strict: false })] }, quirks).lost).toEqual([])
})

it('an effort is not told to who takes none, and is named', () => {
  const got = asked({ reasoning_effort: 'low' }, { supportsReasoningEffort: false })
  expect([got.sent.reasoning_effort, got.lost]).toEqual([undefined, ['reasoning_effort']])
})

it('a budget of tokens is told where there is a field for it', () => {
  const quirks: Quirks = { thinkingFormat: 'enable_thinking', thinkingTokenBudgetField: 'thinking_budget' }
  expect(asked({ thinking: { type: 'enabled', budget_tokens: 5000 } }, quirks).sent).toMatchObject({
    enable_thinking: true,
    thinking_budget: 5000,
  })
  expect(asked({ thinking: { type: 'disabled', budget_tokens: 5000 } }, quirks).sent).not.toHaveProperty('thinking_budget')
})
