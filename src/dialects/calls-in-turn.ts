import type { ChatToolCallDelta } from '../contract/chat.ts'

/** A stream's calls one after the other. */
export interface CallsInTurn {
  push(delta: ChatToolCallDelta): ChatToolCallDelta[]
  /** What still waits. */
  end(): ChatToolCallDelta[]
}

/** Providers may mix the pieces of parallel calls; those of a later call wait here until the one before it is whole. */
export function callsInTurn(): CallsInTurn {
  const waiting = new Map<number, ChatToolCallDelta[]>()
  let current = -1
  let isWhole = true
  let read = objectReader()

  const say = (delta: ChatToolCallDelta): ChatToolCallDelta => {
    if (delta.index !== current) read = objectReader()
    current = delta.index
    isWhole = read(delta.function?.arguments ?? '')
    return delta
  }
  const next = (): ChatToolCallDelta[] => {
    const [index, deltas = []] = waiting.entries().next().value ?? []
    if (index !== undefined) waiting.delete(index)
    return deltas.map(say)
  }

  return {
    push(delta) {
      if (!isWhole && delta.index !== current) {
        const held = waiting.get(delta.index)
        if (held === undefined) waiting.set(delta.index, [delta])
        else held.push(delta)
        return []
      }
      const said = [say(delta)]
      while (isWhole && waiting.size > 0) said.push(...next())
      return said
    },
    end() {
      const said: ChatToolCallDelta[] = []
      while (waiting.size > 0) said.push(...next())
      return said
    },
  }
}

/** Reads the pieces of a JSON object and tells of each whether the object ends with it. */
function objectReader(): (piece: string) => boolean {
  let depth = 0
  let inString = false
  let escaped = false
  let begun = false
  return (piece) => {
    for (const char of piece) {
      if (escaped) escaped = false
      else if (inString && char === '\\') escaped = true
      else if (char === '"') inString = !inString
      else if (!inString && (char === '{' || char === '[')) depth++
      else if (!inString && (char === '}' || char === ']')) depth--
      begun ||= depth > 0
    }
    return begun && depth === 0
  }
}
