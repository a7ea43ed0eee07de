import { describe, expect, it } from 'vitest'
import { paramsRefused } from '../../../src/contract/params.ts'
import { openaiResponses } from '../../../src/dialects/openai-responses.ts'
import { GatewayError } from '../../../src/errors.ts'
import { parseExact } from '../../../src/wire/exact-json.ts'
import { conversing } from '../../support/conversing.ts'
import { hasShared, OWN, recordingsIn, SHARED } from './recordings.ts'
import { type Any, parsed } from './words.ts'

// Every recorded request of the Responses API, said in any dialect, still says all its words and calls, in order, or is refused by name.

const requests = [...recordingsIn(OWN), ...recordingsIn(SHARED)]
  .filter(({ api, request }) => api.endsWith('.responses') && request?.body)
  .map(({ file, request }) => ({ file, body: request!.body }))

/** What OpenAI itself refused in the recording. */
const MALFORMED = ['openai/openai.responses-u-e400-8fc8ee93e1.json']

describe.each(conversing)('a recorded Responses request in $id', (dialect) => {
  it.for(requests)('$file', ({ file, body }) => {
    const asked = attempt(() => openaiResponses.decodeRequest(parseExact(body)))
    if (asked instanceof GatewayError) return expect([file, asked.code]).toEqual([MALFORMED[0], 'invalid_value'])
    if (JSON.parse(body).previous_response_id && dialect !== openaiResponses) {
      return expect(paramsRefused(asked, dialect)).toEqual(['previous_response_id'])
    }
    const encoded = attempt(() => dialect.encodeRequest(asked, { stream: asked.stream === true, quirks: {} }))
    if (encoded instanceof GatewayError)
      return expect(encoded.message).toMatch(
        /^(response_format|input)|^messages\.\d+\.content\.\d+: this (?:model (?:takes no file|fetches nothing)|server fetches no pictures)/,
      )
    const said = JSON.stringify(encoded)
    expect(textsIn(JSON.parse(body)).filter((text) => !said.includes(JSON.stringify(text).slice(1, -1)))).toEqual([])
    expect(callsIn(JSON.parse(said))).toEqual(callsOf(JSON.parse(body)))
  })
})

it('reads enough recorded requests to mean something', () => {
  expect(requests.length).toBeGreaterThan(hasShared ? 40 : 8)
})

function attempt<Result>(run: () => Result): Result | GatewayError {
  try {
    return run()
  } catch (error) {
    if (error instanceof GatewayError) return error
    throw error
  }
}

function textsIn({ instructions, input }: Any): string[] {
  const items: Any[] = typeof input === 'string' ? [{ content: input }] : input
  const said = items.flatMap((item) => (item.type === 'reasoning' ? [] : [item.content ?? item.output ?? []].flat()))
  const texts = said.map((part) => (typeof part === 'string' ? part : (part.text ?? '')))
  return [instructions ?? '', ...texts.flatMap((text) => leavesOf(parsed(text)))].filter((text) => text.trim() !== '')
}

/** A result that is a JSON object crosses to some as that object, so it is told by its texts. */
function leavesOf(value: unknown): string[] {
  if (typeof value === 'string') return [value]
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(leavesOf) : []
}

function callsOf({ input }: Any): Any[] {
  const calls = (typeof input === 'string' ? [] : input).filter(({ type }: Any) => type === 'function_call' || type === 'custom_tool_call')
  return calls.map(({ name, arguments: args, input: text }: Any) => ({
    name,
    args: args === undefined ? { input: text } : JSON.parse(args),
  }))
}

function callsIn(body: Any): Any[] {
  const blocks = (body.messages ?? []).flatMap((message: Any) => message.content ?? []).filter((block: Any) => block.type === 'tool_use')
  const chat = (body.messages ?? []).flatMap((message: Any) => message.tool_calls ?? [])
  const uses = (body.messages ?? []).flatMap((message: Any) => message.content ?? []).flatMap((block: Any) => block.toolUse ?? [])
  const parts = (body.contents ?? []).flatMap((content: Any) => content.parts).filter((part: Any) => part.functionCall)
  return [
    ...blocks.map((block: Any) => ({ name: block.name, args: block.input })),
    ...uses.map(({ name, input }: Any) => ({ name, args: input })),
    ...chat.map(({ function: called }: Any) => ({
      name: called.name,
      args: typeof called.arguments === 'string' ? JSON.parse(called.arguments) : called.arguments,
    })),
    ...parts.map(({ functionCall }: Any) => ({ name: functionCall.name, args: functionCall.args })),
    ...(body.input === undefined ? [] : callsOf(body)),
  ]
}
