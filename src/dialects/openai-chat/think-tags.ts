import type { Quirks } from '../../contract/quirks.ts'
import { word } from '../fields.ts'
import type { Said } from './message.ts'

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
