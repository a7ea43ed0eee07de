import type { ChatChunk, ChatResponse, ChatUsage } from '../../../src/contract/chat.ts'

// What an answer says in the end, whichever format and framing told it: two readers agree when their words are equal.

export interface Words {
  text: string
  reasoning: string
  calls: { name: string; args: unknown }[]
  finish: string | null
  usage: Record<'input' | 'output' | 'total' | 'cached' | 'reasoning', number | undefined>
}

// biome-ignore lint/suspicious/noExplicitAny: a second reader of recorded JSON, deliberately without the types of the first
export type Any = any

export function wordsOfChat(chat: ChatResponse): Words {
  const choice = chat.choices[0]!
  const calls = choice.message.tool_calls ?? []
  return {
    text: (choice.message.content as string | null) ?? '',
    reasoning: choice.message.reasoning_content ?? '',
    calls: calls.map((call) => ({ name: call.function.name, args: parsed(call.function.arguments) })),
    finish: choice.finish_reason,
    usage: usageWords(chat.usage),
  }
}

export function wordsOfChunks(chunks: readonly ChatChunk[]): Words {
  const choices = chunks.flatMap((chunk) => chunk.choices).filter((choice) => choice.index === 0)
  const deltas = choices.map((choice) => choice.delta)
  return {
    text: deltas.map((delta) => delta.content ?? '').join(''),
    reasoning: deltas.map((delta) => delta.reasoning_content ?? '').join(''),
    calls: callsFrom(deltas.flatMap((delta) => delta.tool_calls ?? [])),
    finish: choices.map((choice) => choice.finish_reason).findLast(Boolean) ?? null,
    usage: usageWords(chunks.find((chunk) => chunk.usage)?.usage ?? undefined),
  }
}

/** Calls put together from deltas as a client does: by index, else by order; an id that is new begins a call. */
export function callsFrom(deltas: readonly Any[]): Words['calls'] {
  const calls: { key: unknown; id: string; name: string; args: string }[] = []
  for (const delta of deltas) {
    const key = delta.index ?? 0
    const known = calls.findLast((call) => call.key === key)
    const begins = !known || (delta.id && delta.id !== known.id && delta.function?.name)
    const call = begins ? { key, id: delta.id, name: '', args: '' } : known
    if (begins) calls.push(call)
    call.name ||= delta.function?.name ?? ''
    const args = delta.function?.arguments ?? ''
    call.args += typeof args === 'string' ? args : JSON.stringify(args)
  }
  return calls.map(({ name, args }) => ({ name, args: parsed(args) }))
}

export function parsed(args: string): unknown {
  try {
    return JSON.parse(args)
  } catch {
    return args
  }
}

export function at(value: Any, ...path: string[]): Any {
  return path.reduce((inner, key) => inner?.[key], value)
}

export function sumOf(...counts: (number | undefined)[]): number | undefined {
  return counts.includes(undefined) ? undefined : counts.reduce<number>((total, count) => total + (count ?? 0), 0)
}

function usageWords(usage: ChatUsage | undefined): Words['usage'] {
  return {
    input: usage?.prompt_tokens,
    output: usage?.completion_tokens,
    total: usage?.total_tokens,
    cached: usage?.prompt_tokens_details?.cached_tokens,
    reasoning: usage?.completion_tokens_details?.reasoning_tokens,
  }
}
