import type { FinishReason } from '../../contract/chat.ts'
import { entryOf, type Fields, fields, list, text, word } from '../fields.ts'

/** What a message or delta says, however this provider writes it. */
export interface Said {
  readonly content: string | undefined
  readonly reasoning: string | undefined
}

/** Reasoning under any of the names in use; some providers send two copies, so the first that is not empty counts. */
export function readSaid(message: Fields): Said {
  const { content } = message
  const named = word(message.reasoning_content) ?? word(message.reasoning) ?? word(message.reasoning_text)
  if (!Array.isArray(content)) return { content: text(content), reasoning: named }
  const thinking = joined(content.filter((part) => fields(part).type === 'thinking').flatMap((part) => list(fields(part).thinking)))
  return { content: joined(content) ?? '', reasoning: named ?? thinking }
}

function joined(parts: readonly unknown[]): string | undefined {
  return word(parts.map((part) => text(fields(part).text) ?? '').join(''))
}

/** `arguments` as JSON text: some providers send the object itself, some send null before the first piece. */
export function readArguments(value: unknown): string {
  if (typeof value === 'string') return value
  return value === undefined || value === null ? '' : JSON.stringify(value)
}

const FINISHES: Readonly<Record<string, FinishReason>> = {
  stop: 'stop',
  length: 'length',
  max_tokens: 'length',
  model_length: 'length',
  tool_calls: 'tool_calls',
  tool_call: 'tool_calls',
  function_call: 'function_call',
  content_filter: 'content_filter',
  sensitive: 'content_filter',
}

/** An empty word is none; an unknown one ended the answer, so it is `stop`. Calls that were made are answered as calls. */
export function readFinish(value: unknown, called: boolean): FinishReason | null {
  const native = word(value)
  if (native === undefined) return null
  const finish = entryOf(FINISHES, native) ?? 'stop'
  return finish === 'stop' && called ? 'tool_calls' : finish
}
