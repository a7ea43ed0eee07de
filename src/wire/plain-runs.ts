import type { Buffer } from 'node:buffer'

/** Events of a chunk that follow each other. */
export interface PlainRun {
  /** The offset after the last of them. */
  readonly end: number
  readonly events: number
}

/** Finds the events of a chunk that hold none of the marks, without reading each of them. */
export class PlainRuns {
  /** A character a byte, so that offsets are the same. */
  readonly #text: string
  /** Where lines begin to end otherwise than in LF, if they do. */
  readonly #limit: number
  readonly #marks: readonly RegExp[]
  /** Where each mark stands next; looked for again only once it was passed. */
  readonly #next: number[]

  constructor(chunk: Buffer, marks: readonly RegExp[]) {
    this.#text = chunk.toString('latin1')
    const carriage = this.#text.indexOf('\r')
    this.#limit = carriage < 0 ? this.#text.length : carriage
    this.#marks = marks
    this.#next = marks.map(() => -1)
  }

  /** Those from an event's first byte on that are plain: a line of data each, after one with their name where they have one. */
  from(start: number): PlainRun {
    const marked = this.#marked(start)
    let end = start
    let events = 0
    for (let next = this.#eventEnd(start); next > 0 && next <= marked; next = this.#eventEnd(end)) {
      end = next
      events++
    }
    return { end, events }
  }

  #marked(start: number): number {
    let first = this.#limit
    for (const [at, mark] of this.#marks.entries()) {
      if ((this.#next[at] ?? -1) < start) this.#next[at] = this.#find(mark, start)
      first = Math.min(first, this.#next[at] ?? first)
    }
    return first
  }

  #find(mark: RegExp, start: number): number {
    mark.lastIndex = start
    return mark.exec(this.#text)?.index ?? this.#text.length
  }

  /** 0 where no plain event begins here, or it does not end in this chunk. */
  #eventEnd(start: number): number {
    const text = this.#text
    const data = text.startsWith('event:', start) ? text.indexOf('\n', start) + 1 : start
    if (!text.startsWith('data:', data)) return 0
    const lineEnd = text.indexOf('\n', data)
    return lineEnd > 0 && text[lineEnd + 1] === '\n' ? lineEnd + 2 : 0
  }
}
