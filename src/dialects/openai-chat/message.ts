import type { FinishReason } from '../../contract/chat.ts'
import type { Quirks } from '../../contract/quirks.ts'
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

/** `<think>…</think>` inside a whole answer's content, for providers that put their reasoning there. */
export function splitThinkTags(said: Said, quirks: Quirks): Said {
  if (!quirks.thinkTagsInContent || said.content === undefined) return said
  const splitter = thinkTags()
  const pieces = [splitter.push(said.content), splitter.end()]
  const content = pieces.map((piece) => piece.content ?? '').join('')
  return { content, reasoning: said.reasoning ?? word(pieces.map((piece) => piece.reasoning ?? '').join('')) }
}

const OPEN = '<think>'
const CLOSE = '</think>'

/** Splits a stream of content at think tags, wherever it was cut: what may be the beginning of a tag waits for the next piece. */
export function thinkTags(): { push(piece: string): Said; end(): Said } {
  let inside = false
  let held = ''
  const push = (piece: string): Said => {
    const told = { content: '', reasoning: '' }
    let rest = held + piece
    for (;;) {
      const tag = inside ? CLOSE : OPEN
      const at = rest.indexOf(tag)
      const end = at === -1 ? rest.length - tailOf(rest, tag) : at
      told[inside ? 'reasoning' : 'content'] += rest.slice(0, end)
      held = at === -1 ? rest.slice(end) : ''
      if (at === -1) return { content: word(told.content), reasoning: word(told.reasoning) }
      rest = rest.slice(at + tag.length)
      inside = !inside
    }
  }
  const end = (): Said => (inside ? { content: undefined, reasoning: word(held) } : { content: word(held), reasoning: undefined })
  return { push, end }
}

/** How many characters at the end of `piece` may begin `tag`. */
function tailOf(piece: string, tag: string): number {
  for (let size = Math.min(tag.length - 1, piece.length); size > 0; size--) if (tag.startsWith(piece.slice(-size))) return size
  return 0
}
