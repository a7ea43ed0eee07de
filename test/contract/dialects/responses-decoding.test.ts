import { describe, expect, it } from 'vitest'
import type { ChatChunk } from '../../../src/contract/chat.ts'
import { openaiResponses } from '../../../src/dialects/openai-responses.ts'
import { decoding } from './recordings.ts'
import { type Any, wordsOfChat, wordsOfChunks } from './words.ts'

// A provider's answer in the Responses API, where recordings are silent.

const words = (text: string, rest: object = {}) => ({ type: 'output_text', text, annotations: [], ...rest })
const message = (...content: object[]) => ({ type: 'message', role: 'assistant', content })

function whole(output: object[], rest: object = { status: 'completed' }): Any {
  return JSON.parse(
    JSON.stringify(openaiResponses.decodeResponse({ id: 'resp_1', created_at: 5, model: 'wire', output, ...rest }, decoding())),
  )
}

function streamed(payloads: object[]): ChatChunk[] {
  const decoder = openaiResponses.decodeStream(decoding())
  return [...payloads.flatMap((payload) => decoder.push({ data: JSON.stringify(payload) })), ...decoder.end()]
}

/** Items as a server sends them that tells no deltas. */
function undelta(output: object[]): object[] {
  const items = output.flatMap((item, output_index) => [
    { type: 'response.output_item.added', output_index, item: { ...item, content: [], arguments: '', input: '' } },
    { type: 'response.output_item.done', output_index, item },
  ])
  return [...items, { type: 'response.completed', response: { status: 'completed' } }]
}

const ITEMS = [
  { type: 'reasoning', id: 'rs_1', summary: [{ type: 'summary_text', text: 'One.' }], encrypted_content: 'gAAA' },
  message(
    words('Let me ', { annotations: [{ type: 'url_citation', url: 'https://a.example', title: 'A', start_index: 0, end_index: 3 }] }),
  ),
  { type: 'web_search_call', id: 'ws_1', status: 'completed' },
  message(words('look.'), { type: 'refusal', refusal: 'Not there.' }),
  { type: 'function_call', call_id: 'c1', name: 'look', arguments: '{"a":1}' },
  { type: 'custom_tool_call', call_id: 'c2', name: 'patch', input: 'say "é"\n' },
  { type: 'image_generation_call', id: 'ig_1', result: 'AAAA' },
]

describe('an answer of the Responses API', () => {
  it('is one message with all that was thought, said, called and drawn', () => {
    expect(whole(ITEMS)).toMatchObject({
      ...{ id: 'resp_1', created: 5, model: 'wire' },
      choices: [
        {
          finish_reason: 'tool_calls',
          native_finish_reason: 'completed',
          message: {
            content: 'Let me look.',
            refusal: 'Not there.',
            reasoning_content: 'One.',
            reasoning_details: [
              { type: 'reasoning.summary', summary: 'One.', id: 'rs_1', index: 0, output_index: 0, format: 'openai-responses-v1' },
              { type: 'reasoning.encrypted', data: 'gAAA', id: 'rs_1', index: 1, output_index: 0, format: 'openai-responses-v1' },
            ],
            tool_calls: [
              { id: 'c1', type: 'function', function: { name: 'look', arguments: '{"a":1}' } },
              { id: 'c2', type: 'function', function: { name: 'patch', arguments: '{"input":"say \\"é\\"\\n"}' } },
            ],
            annotations: [{ type: 'url_citation', url_citation: { url: 'https://a.example', title: 'A', start_index: 0, end_index: 3 } }],
            images: [{ type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA' } }],
          },
        },
      ],
    })
  })

  it('is the same from a server that streams whole items', () => {
    expect(wordsOfChunks(streamed(undelta(ITEMS)))).toEqual(wordsOfChat(whole(ITEMS)))
    const deltas = streamed(undelta(ITEMS)).flatMap(({ choices }) => choices.map(({ delta }) => delta))
    const { reasoning_details, annotations, images, refusal } = whole(ITEMS).choices[0].message
    expect(deltas.flatMap((delta) => delta.reasoning_details ?? [])).toEqual(reasoning_details)
    expect(deltas.flatMap((delta) => (delta['annotations'] as Any) ?? [])).toEqual(annotations)
    expect(deltas.flatMap((delta) => (delta['images'] as Any) ?? [])).toEqual(images)
    expect(deltas.map((delta) => delta.refusal ?? '').join('')).toBe(refusal)
  })

  it('tells thoughts of several parts and items as paragraphs, streamed or whole', () => {
    const think = (...texts: string[]) => ({ type: 'reasoning', summary: texts.map((text) => ({ type: 'summary_text', text })) })
    const output = [think('One.', 'Two.'), think('Three.')]
    const deltas = output.flatMap(({ summary }, output_index) =>
      summary.flatMap(({ text }, summary_index) =>
        [text.slice(0, 2), text.slice(2)].map((delta) => ({
          type: 'response.reasoning_summary_text.delta',
          output_index,
          summary_index,
          delta,
        })),
      ),
    )
    const texts = [wordsOfChat(whole(output)).reasoning, wordsOfChunks(streamed(deltas)).reasoning]
    expect(texts).toEqual(['One.\n\nTwo.\n\nThree.', 'One.\n\nTwo.\n\nThree.'])
  })

  it('keeps half a character that a piece of free text was cut in', () => {
    const events = ['\ud83c', '\udf11'].map((delta) => ({ type: 'response.custom_tool_call_input.delta', output_index: 0, delta }))
    const item = { type: 'custom_tool_call', call_id: 'c', name: 'patch', input: '' }
    const open = { type: 'response.output_item.added', output_index: 0, item }
    const done = { type: 'response.output_item.done', output_index: 0, item: { ...item, input: '🌑' } }
    expect(wordsOfChunks(streamed([open, ...events, done])).calls).toEqual([{ name: 'patch', args: { input: '🌑' } }])
  })

  it('keeps probabilities', () => {
    const logprobs = [{ token: 'a', logprob: -0.5, bytes: [97], top_logprobs: [] }]
    const expected = { content: logprobs, refusal: null }
    expect(whole([message(words('a', { logprobs }))]).choices[0].logprobs).toEqual(expected)
    const [chunk] = streamed([{ type: 'response.output_text.delta', output_index: 0, delta: 'a', logprobs }])
    expect(chunk?.choices[0]?.logprobs).toEqual(expected)
  })

  it.for([
    [{ status: 'completed' }, 'stop', 'completed'],
    [{ status: 'incomplete', incomplete_details: { reason: 'max_output_tokens' } }, 'length', 'max_output_tokens'],
    [{ status: 'incomplete', incomplete_details: { reason: 'content_filter' } }, 'content_filter', 'content_filter'],
    [{ status: 'incomplete', incomplete_details: { reason: 'constructor' } }, 'length', 'constructor'],
    [{ status: 'incomplete', incomplete_details: null }, null, undefined],
    [{ status: 'in_progress' }, null, undefined],
  ] as const)('ends as it says: %j', ([rest, finish, native]) => {
    const type = `response.${rest.status}`
    const chunks = streamed([
      { type: 'response.output_text.delta', output_index: 0, delta: 'a' },
      { type, response: rest },
    ])
    const [choice] = whole([message(words('a'))], rest).choices
    expect([choice.finish_reason, choice.native_finish_reason]).toEqual([finish, native])
    expect(wordsOfChunks(chunks).finish).toBe(finish)
  })

  it('says which tier served it, and what it took', () => {
    const usage = {
      ...{ input_tokens: 9, output_tokens: 5, total_tokens: 14, cost: 0.000_12 },
      ...{ input_tokens_details: { cached_tokens: 4, cache_write_tokens: 2 }, output_tokens_details: { reasoning_tokens: 3 } },
    }
    const answer = { status: 'completed', service_tier: 'flex', usage, tool_usage: { web_search: { num_requests: 2 } } }
    const expected = {
      input: 9,
      output: 5,
      cacheRead: 4,
      cacheWrite: 2,
      reasoning: 3,
      searches: 2,
      serviceTier: 'flex',
      providerCost: 0.000_12,
    }
    const read = [answer, { type: 'response.completed', response: answer }].map((payload) => openaiResponses.readUsage(payload))
    expect(read).toEqual([
      { ...expected, raw: usage },
      { ...expected, raw: usage },
    ])
    expect(whole([], answer)).toMatchObject({ service_tier: 'flex', usage: { prompt_tokens: 9, completion_tokens: 5, total_tokens: 14 } })
    expect(streamed([{ type: 'response.completed', response: answer }]).at(-1)).toMatchObject({
      choices: [],
      service_tier: 'flex',
      usage: { total_tokens: 14 },
    })
  })
})
