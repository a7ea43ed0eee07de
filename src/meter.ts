// Watches the provider's own bytes before any translation, so that both lanes are counted by the same eyes. Reads, changes nothing.

import type { Frame, ProviderFailure, SseEvent, UpstreamDialect, Usage } from './contract/dialect.ts'
import type { Hub } from './contract/family.ts'
import type { Quirks } from './contract/quirks.ts'
import { mergeUsage } from './contract/usage.ts'

/** What one frame is to the stream that carries it. */
export type Seen = 'comment' | 'data' | 'usage only' | 'terminal' | 'failure'

const USAGE = /"usage(?:Metadata)?"\s*:\s*\{/
/** Of a failure, and of usage. */
const MARKS = [/"error"/g, new RegExp(USAGE, 'g')]
const NO_CHOICES = /"choices"\s*:\s*\[\s*\]/

export class Meter {
  readonly #dialect: UpstreamDialect<Hub>
  readonly #quirks: Quirks
  readonly #marks: readonly RegExp[] | undefined
  #first: string | undefined
  #firstUsage: string | undefined
  #lastUsage: string | undefined
  /** A finish reason went by: a clean end of the socket from here on is a complete answer. */
  finished = false
  failure: ProviderFailure | undefined
  /** Frames with content, which is close to the tokens generated where usage never comes. */
  outputSeen = 0

  constructor(dialect: UpstreamDialect<Hub>, quirks: Quirks) {
    this.#dialect = dialect
    this.#quirks = quirks
    this.#marks = marksOf(dialect)
  }

  /** What an event holds that is more to it than content. Undefined while each is to be seen: the first one tells the answer's id. */
  get marks(): readonly RegExp[] | undefined {
    return this.#first === undefined ? undefined : this.#marks
  }

  see(frame: Frame): Seen {
    const { data, plain } = frame
    if (plain !== undefined) {
      this.outputSeen += plain
      return 'data'
    }
    if (data === undefined) return 'comment'
    const event: SseEvent = frame.event === undefined ? { data } : { event: frame.event, data }
    this.#first ??= data
    if (this.#isFailure(frame, data)) return 'failure'
    const usage = this.#noteUsage(data)
    if (this.#dialect.ending.isTerminal(event)) return 'terminal'
    this.outputSeen++
    if (!this.finished && this.#dialect.ending.isFinish(event)) this.finished = true
    return usage && NO_CHOICES.test(data) && isUsageOnly(parse(data)) ? 'usage only' : 'data'
  }

  /** Streams repeat usage cumulatively or give it in two parts, at the start and at the end: the first and the last tell all. */
  #noteUsage(data: string): boolean {
    const { usageMark } = this.#dialect
    if (usageMark ? !data.includes(usageMark) : !data.includes('"usage') || !USAGE.test(data)) return false
    if (this.#firstUsage === undefined) this.#firstUsage = data
    else this.#lastUsage = data
    return true
  }

  usage(): Usage | undefined {
    const first = this.#read(this.#firstUsage)
    const last = this.#read(this.#lastUsage)
    return first && last ? mergeUsage(first, last) : (last ?? first)
  }

  /** The provider's id of the answer, from its first event. */
  responseId(): string | undefined {
    return responseIdOf(parse(this.#first))
  }

  #read(data: string | undefined): Usage | undefined {
    const payload = parse(data)
    return payload === undefined ? undefined : this.#dialect.readUsage(payload, this.#quirks)
  }

  #isFailure({ failure }: Frame, data: string): boolean {
    this.failure = failure ?? (data.includes('"error"') ? this.#dialect.decodeError(parse(data)) : undefined)
    return this.failure !== undefined
  }
}

function marksOf({ ending, usageMark }: UpstreamDialect<Hub>): readonly RegExp[] | undefined {
  return ending.marks && usageMark === undefined ? [...MARKS, ...ending.marks] : undefined
}

/** OpenAI's last chunk of a stream whose usage was asked for. */
function isUsageOnly(payload: unknown): boolean {
  const { choices, usage } = Object(payload)
  return Array.isArray(choices) && choices.length === 0 && typeof usage === 'object' && usage !== null
}

/** An answer's id stands at its top, or in the object that a stream's first event brings. */
export function responseIdOf(payload: unknown): string | undefined {
  const { id, responseId, message, response } = Object(payload)
  return [id, responseId, Object(message).id, Object(response).id].find((found) => typeof found === 'string')
}

function parse(data: string | undefined): unknown {
  if (data === undefined) return undefined
  try {
    return JSON.parse(data)
  } catch {
    return undefined
  }
}
