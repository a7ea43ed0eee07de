import { type Any, parsed, sumOf, type Words } from './words.ts'

// An answer of Cohere's chat read without the code under test, as far as a test needs it.

const FINISH: Record<string, string> = { COMPLETE: 'stop', STOP_SEQUENCE: 'stop', MAX_TOKENS: 'length', TOOL_CALL: 'tool_calls' }

export function wordsOfAnswer({ message, finish_reason, usage }: Any): Words {
  const items: Any[] = message.content ?? []
  return {
    text: (message.tool_plan ?? '') + items.map((item) => item.text ?? '').join(''),
    reasoning: items.map((item) => item.thinking ?? '').join(''),
    calls: (message.tool_calls ?? []).map((call: Any) => ({ name: call.function.name, args: parsed(call.function.arguments) })),
    finish: finishOf(finish_reason),
    usage: usageOf(usage),
  }
}

export function wordsOfStream(payloads: Any[]): Words {
  const deltas = payloads.filter(({ type }) => /-(start|delta)$/.test(type)).map(({ delta }) => delta.message)
  const items = deltas.map(({ content }) => content ?? {})
  const end = payloads.find(({ type }) => type === 'message-end')?.delta ?? {}
  return {
    text: deltas.map(({ content, tool_plan }) => content?.text ?? tool_plan ?? '').join(''),
    reasoning: items.map((item) => item.thinking ?? '').join(''),
    calls: payloads.filter(({ type }) => type === 'tool-call-start').map((start) => callOf(start, payloads)),
    // An answer that broke off tells of what kind its failure was.
    finish: end.error_type === undefined ? finishOf(end.finish_reason) : null,
    usage: usageOf(end.usage),
  }
}

function callOf({ index, delta }: Any, payloads: Any[]): Words['calls'][number] {
  const called = delta.message.tool_calls.function
  const pieces = payloads.filter((event) => event.type === 'tool-call-delta' && event.index === index)
  const args = pieces.map((event) => event.delta.message.tool_calls.function.arguments)
  return { name: called.name, args: parsed([called.arguments, ...args].join('') || '{}') }
}

const finishOf = (reason: string | undefined): string | null => (reason === undefined ? null : (FINISH[reason] ?? 'content_filter'))

function usageOf(usage: Any): Words['usage'] {
  const { input_tokens: input, output_tokens: output, reasoning_tokens: reasoning } = usage?.tokens ?? {}
  return { input, output, total: sumOf(input, output), cached: usage?.cached_tokens, reasoning }
}
