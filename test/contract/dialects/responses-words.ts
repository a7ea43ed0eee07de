import { type Any, at, parsed, sumOf, type Words } from './words.ts'

// A Responses answer read without the code under test, as far as a test needs it.

export function wordsOfAnswer(body: Any): Words {
  const of = (type: string): Any[] => body.output.filter((item: Any) => item.type === type)
  const calls = body.output.filter((item: Any) => item.type === 'function_call' || item.type === 'custom_tool_call')
  const parts: Any[] = of('message').flatMap((item) => item.content)
  return {
    text: parts.map((part) => part.text ?? '').join(''),
    reasoning: of('reasoning')
      .flatMap((item) => (item.summary?.length > 0 ? item.summary : (item.content ?? [])))
      .map((part: Any) => part.text)
      .join('\n\n'),
    calls: calls.map((item: Any) => ({
      name: item.name,
      args: item.arguments === undefined ? { input: item.input } : parsed(item.arguments),
    })),
    finish: finishOf(body, calls.length),
    usage: usageOf(body.usage ?? {}),
  }
}

/** Puts the whole answer together from its finished items: some servers leave them out of the last event. */
export function wordsOfStream(payloads: Any[]): Words {
  const last = payloads.findLast((payload) => /^response\.(completed|incomplete)$/.test(payload.type))?.response ?? {}
  const done = payloads.filter((payload) => payload.type === 'response.output_item.done')
  const output = done.toSorted((one, other) => one.output_index - other.output_index).map((payload) => payload.item)
  const words = wordsOfAnswer({ ...last, output })
  const deltas = payloads.filter((payload) => payload.type === 'response.output_text.delta').map((payload) => payload.delta)
  return { ...words, text: words.text || deltas.join('') }
}

function finishOf(body: Any, calls: number): string | null {
  if (body.status === 'incomplete')
    return { content_filter: 'content_filter', max_output_tokens: 'length' }[body.incomplete_details?.reason as string] ?? null
  if (body.status !== 'completed') return null
  return calls > 0 ? 'tool_calls' : 'stop'
}

function usageOf(usage: Any): Words['usage'] {
  return {
    input: usage.input_tokens,
    output: usage.output_tokens,
    total: sumOf(usage.input_tokens, usage.output_tokens),
    cached: at(usage, 'input_tokens_details', 'cached_tokens'),
    reasoning: at(usage, 'output_tokens_details', 'reasoning_tokens'),
  }
}
