import { describe, expect, it } from 'vitest'
import type { ChatRequest } from '../../../src/contract/chat.ts'
import { paramsRefused } from '../../../src/contract/params.ts'
import { anthropicMessages } from '../../../src/dialects/anthropic-messages.ts'
import { gemini } from '../../../src/dialects/gemini.ts'
import { openaiChat } from '../../../src/dialects/openai-chat.ts'
import { openaiResponses } from '../../../src/dialects/openai-responses.ts'
import { GatewayError } from '../../../src/errors.ts'
import { hasShared, OWN, recordingsIn, SHARED } from './recordings.ts'
import { type Any, parsed } from './words.ts'

// Every recorded chat request, said in another dialect, still says all its words, calls, results and pictures, or is refused by name.

const recordings = [...recordingsIn(OWN), ...(hasShared ? recordingsIn(SHARED) : [])]
const requests = recordings
  .filter(({ api, request }) => api.endsWith('.chat') && request?.body?.includes('"messages"'))
  .map(({ file, request }) => ({ file, body: JSON.parse(request!.body) }))

describe.each([anthropicMessages, gemini, openaiResponses])('a recorded chat request in $id', (dialect) => {
  it.for(requests)('$file', ({ body }) => {
    const chat = attempt(() => openaiChat.decodeRequest(body))
    if (chat instanceof GatewayError) return expectNamed(chat)
    if (paramsRefused(chat, dialect).length > 0) return
    const encoded = attempt(() => dialect.encodeRequest(chat, { stream: chat.stream === true, quirks: {} }))
    if (encoded instanceof GatewayError) return expectNamed(encoded)
    const said = JSON.stringify(encoded)
    expect(textsOf(chat).filter((text) => !said.includes(JSON.stringify(text).slice(1, -1)))).toEqual([])
    expect(callsIn(JSON.parse(said))).toEqual(callsOf(chat))
  })
})

it('reads enough recorded requests to mean something', () => {
  expect(requests.length).toBeGreaterThan(hasShared ? 60 : 5)
})

function attempt<Result>(run: () => Result): Result | GatewayError {
  try {
    return run()
  } catch (error) {
    if (error instanceof GatewayError) return error
    throw error
  }
}

function expectNamed(error: GatewayError): void {
  expect({ code: error.code, names: error.message.startsWith(error.details.param ?? '?') }).toEqual({ code: 'invalid_value', names: true })
}

/** All that is said in words. A result that is a JSON object crosses as that object, so it is told by its texts. */
function textsOf(chat: ChatRequest): string[] {
  return chat.messages.flatMap(({ role, content }) => {
    const texts = typeof content === 'string' ? [content] : (content ?? []).flatMap((part) => (part.type === 'text' ? [part.text] : []))
    const words = role === 'tool' ? texts.flatMap((text) => leavesOf(parsed(text))) : texts
    return words.filter((text) => text.trim() !== '')
  })
}

function leavesOf(value: unknown): string[] {
  if (typeof value === 'string') return [value]
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(leavesOf) : []
}

function callsOf(chat: ChatRequest): Any[] {
  return chat.messages.flatMap(({ tool_calls = [] }) =>
    tool_calls.map((call) => ({
      name: call.function.name,
      args: call.function.arguments === '' ? {} : JSON.parse(call.function.arguments),
    })),
  )
}

function callsIn(body: Any): Any[] {
  const blocks = (body.messages ?? []).flatMap((message: Any) => message.content).filter((block: Any) => block.type === 'tool_use')
  const parts = (body.contents ?? []).flatMap((content: Any) => content.parts).filter((part: Any) => part.functionCall)
  const calls = (body.input ?? []).filter((item: Any) => item.type === 'function_call')
  return [
    ...blocks.map((block: Any) => ({ name: block.name, args: block.input })),
    ...parts.map(({ functionCall }: Any) => ({ name: functionCall.name, args: functionCall.args })),
    ...calls.map((item: Any) => ({ name: item.name, args: item.arguments === '' ? {} : JSON.parse(item.arguments) })),
  ]
}
