import { type Any, parsed, sumOf, type Words } from './words.ts'

// An Anthropic answer read without the code under test, as far as a test needs it.

const FINISH: Record<string, string> = {
  end_turn: 'stop',
  stop_sequence: 'stop',
  pause_turn: 'stop',
  tool_use: 'tool_calls',
  max_tokens: 'length',
  model_context_window_exceeded: 'length',
  refusal: 'content_filter',
}

export function wordsOfAnswer(body: Any): Words {
  const of = (type: string): Any[] => body.content.filter((block: Any) => block.type === type)
  return {
    text: of('text')
      .map((block) => block.text)
      .join(''),
    reasoning: of('thinking')
      .map((block) => block.thinking)
      .join(''),
    calls: of('tool_use').map((block) => ({ name: block.name, args: block.input })),
    finish: FINISH[body.stop_reason] ?? null,
    usage: usageOf(body.usage),
  }
}

/** Puts the whole message together first, as Anthropic's own clients do. */
export function wordsOfStream(payloads: Any[]): Words {
  const message: Any = { content: [], usage: {} }
  const jsons: string[] = []
  for (const payload of payloads) {
    if (payload.type === 'message_start') Object.assign(message, payload.message, { content: [] })
    if (payload.type === 'content_block_start') message.content[payload.index] = payload.content_block
    if (payload.type === 'message_delta') {
      message.stop_reason = payload.delta.stop_reason
      Object.assign(message.usage, payload.usage)
    }
    if (payload.type !== 'content_block_delta') continue
    const block = message.content[payload.index]
    if (payload.delta.type === 'text_delta') block.text += payload.delta.text
    if (payload.delta.type === 'thinking_delta') block.thinking += payload.delta.thinking
    if (payload.delta.type === 'input_json_delta') jsons[payload.index] = (jsons[payload.index] ?? '') + payload.delta.partial_json
  }
  for (const [index, block] of message.content.entries()) if (block?.type === 'tool_use') block.input = parsed(jsons[index] || '{}')
  return wordsOfAnswer(message)
}

function usageOf(usage: Any): Words['usage'] {
  const input = sumOf(usage.input_tokens, usage.cache_read_input_tokens ?? 0, usage.cache_creation_input_tokens ?? 0)
  return {
    input,
    output: usage.output_tokens,
    total: sumOf(input, usage.output_tokens),
    cached: usage.cache_read_input_tokens,
    reasoning: usage.output_tokens_details?.thinking_tokens,
  }
}
