import type { Call } from '../vendor/script.ts'

/** One chat completion as an app keeps it that has no helper for streams. */
export interface Said {
  readonly text: string
  readonly calls: readonly Call[]
  /** The message as it goes back: all that came, whether the app knows it or not. */
  readonly message: object
  readonly usage: { readonly prompt_tokens: number; readonly completion_tokens: number } | null | undefined
}

interface Chunk {
  readonly choices: readonly { readonly delta: object }[]
  readonly usage?: Said['usage']
}

interface Message {
  readonly content?: string | null
  readonly tool_calls?: readonly { readonly id: string; readonly function: { readonly name: string; readonly arguments: string } }[]
}

/** Puts a stream together as OpenAI's own helpers do: texts go on, lists by their `index`, and what is told again replaces what was told. */
export async function joined(stream: AsyncIterable<Chunk>): Promise<Said> {
  let message: object = {}
  let counted: Said['usage']
  for await (const { choices, usage } of stream) {
    counted = usage ?? counted
    for (const { delta } of choices.slice(0, 1)) message = merged(message, delta)
  }
  return said(message, counted)
}

export function said(message: Message, usage: Said['usage']): Said {
  const { content, tool_calls = [] } = message
  return { text: content ?? '', calls: tool_calls.map(({ id, function: call }) => ({ id, ...call })), message, usage }
}

function merged(whole: object, piece: object): object {
  const known = new Map<string, unknown>(Object.entries(whole))
  for (const [name, value] of Object.entries(piece)) known.set(name, together(known.get(name), value, name))
  return Object.fromEntries(known)
}

/** Said once, or of another kind than text. */
const TOLD = new Set(['role', 'type', 'id', 'index', 'format', 'name'])

function together(before: unknown, now: unknown, name: string): unknown {
  if (now === null || now === undefined) return before ?? now
  if (typeof before === 'string' && typeof now === 'string') return TOLD.has(name) ? now : before + now
  if (Array.isArray(now)) return now.reduce(listed, Array.isArray(before) ? before : [])
  return typeof before === 'object' && typeof now === 'object' && before !== null ? merged(before, now) : now
}

function listed(list: readonly object[], item: object): readonly object[] {
  const at = list.findIndex((one) => 'index' in item && 'index' in one && one.index === item.index)
  const before = list[at]
  return before === undefined ? [...list, item] : list.with(at, merged(before, item))
}
