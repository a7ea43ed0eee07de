// The answer of a provider's own API: passed on as it comes, whatever it is. Where its usage can be read, it is read on the way.

import type { Splitter, Usage } from '../contract/dialect.ts'
import type { UpstreamHeaders } from '../contract/upstream.ts'
import { Meter, responseIdOf } from '../meter.ts'
import { isJson, splitterOf, streamTypeOf } from './framing.ts'
import { PassingReader } from './passing.ts'
import type { Ended, Ending, Run } from './run.ts'

export class PassageReader extends PassingReader {
  readonly #gauge: Gauge | undefined
  /** What is asked of a kept answer was paid when the answer was made. */
  readonly #isPaid: boolean

  constructor(run: Run, ending: Ending) {
    super(run, ending, described(run.headers))
    this.#gauge = gaugeFor(run)
    this.#isPaid = run.turn.peeked.ask.kept !== undefined
  }

  protected override see(chunk: Buffer): void {
    this.#gauge?.see(chunk)
  }

  protected made(whole: boolean): Ended {
    return { state: this.#isPaid ? 'released' : whole ? 'settled' : 'estimated', ...this.#gauge?.read() }
  }
}

/** Headers that tell what the bytes are. */
const DESCRIBING = ['content-type', 'content-length', 'content-disposition', 'content-range', 'accept-ranges', 'etag', 'last-modified']

function described(upstream: UpstreamHeaders): Record<string, string> {
  const headers: Record<string, string> = { 'x-content-type-options': 'nosniff' }
  for (const name of DESCRIBING) {
    const value = upstream[name]
    if (value !== undefined) headers[name] = value
  }
  return headers
}

/** Reads usage from bytes that go by. */
interface Gauge {
  see(chunk: Buffer): void
  read(): { usage?: Usage | undefined; outputSeen?: number; responseId?: string | undefined }
}

function gaugeFor(run: Run): Gauge | undefined {
  const dialect = run.turn.peeked.carried?.dialect
  const type = run.headers['content-type'] ?? ''
  if (!dialect || run.status >= 300) return undefined
  const { quirks } = run.offer.provider
  const maxBytes = run.turn.gateway.sizes.answerFrame
  if (type.startsWith(streamTypeOf(dialect))) return eventGauge(new Meter(dialect, quirks), splitterOf(dialect, { maxBytes }))
  return isJson(type) ? jsonGauge((payload) => dialect.readUsage(payload, quirks, run.headers)) : undefined
}

function eventGauge(meter: Meter, frames: Splitter): Gauge {
  let lost = false
  return {
    see(chunk) {
      if (lost) return
      try {
        for (const frame of frames.push(chunk, meter.marks)) meter.see(frame)
      } catch {
        // What cannot be read is not counted, and passes all the same.
        lost = true
      }
    },
    read: () => ({ usage: meter.usage(), outputSeen: meter.outputSeen, responseId: meter.responseId() }),
  }
}

/** Bytes of a JSON answer that are kept until its end for the sake of its usage; a larger one goes by uncounted. */
const MOST_KEPT = 1024 * 1024

function jsonGauge(usageIn: (payload: unknown) => Usage | undefined): Gauge {
  let kept: Buffer[] = []
  let bytes = 0
  return {
    see(chunk) {
      bytes += chunk.length
      if (bytes <= MOST_KEPT) kept.push(chunk)
      else kept = []
    },
    read() {
      if (bytes > MOST_KEPT) return {}
      try {
        const payload: unknown = JSON.parse(Buffer.concat(kept).toString())
        return { usage: usageIn(payload), responseId: responseIdOf(payload) }
      } catch {
        return {}
      }
    },
  }
}
