// A streamed answer, passed on frame by frame as it comes. It ends once: whole, or with one error frame.

import type { Frame, ProviderFailure, Splitter } from '../contract/dialect.ts'
import { viewOf } from '../error-view.ts'
import { GatewayError } from '../errors.ts'
import { chargeUsd } from '../headers.ts'
import { Meter, type Seen } from '../meter.ts'
import { option } from '../turn.ts'
import { redactBytes } from '../wire/redact.ts'
import { comment, encodeSse } from '../wire/sse.ts'
import { failureOf } from './failure.ts'
import { splitterOf } from './framing.ts'
import { declined, looksForRefusal } from './refusal.ts'
import type { Ended, Ending, Reader, Run } from './run.ts'

/** Nothing between here and the client may hold a stream back or keep it. */
const STREAM_HEADERS = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-store, no-transform',
  'x-accel-buffering': 'no',
}

export class StreamReader implements Reader {
  readonly #run: Run
  readonly #ending: Ending
  readonly #frames: Splitter
  readonly #meter: Meter
  #out: (Buffer | string)[] = []
  #closed = false
  /** The first event may be that the model will not speak of this. */
  #looks: boolean

  constructor(run: Run, ending: Ending) {
    this.#run = run
    this.#ending = ending
    const { dialect, quirks } = run.offer.provider
    const maxBytes = run.turn.gateway.sizes.answerFrame
    this.#frames = splitterOf(dialect, { maxBytes })
    this.#meter = new Meter(dialect, quirks)
    this.#looks = looksForRefusal(run)
    this.#begin()
  }

  data(chunk: Buffer): void {
    if (this.#closed) return
    try {
      for (const frame of this.#frames.push(chunk, this.#marks())) this.#take(frame)
    } catch (error) {
      this.fail(asProtocolError(error))
      return
    }
    this.#flush()
  }

  end(): void {
    if (this.#closed) return
    try {
      for (const frame of this.#frames.end()) this.#take(frame)
      if (this.#closed) return
      if (!this.#meter.finished) throw cutOff(this.#run.offer.provider.name)
      this.#close()
    } catch (error) {
      // Half a frame cannot be read, and that is not its sender's grammar.
      this.fail(this.#meter.finished ? asProtocolError(error) : cutOff(this.#run.offer.provider.name))
    }
  }

  fail(error: GatewayError): void {
    if (this.#closed) return
    this.#run.exchange?.cancel()
    this.#refuse({ ...this.soFar(), error })
  }

  soFar(): Ended {
    this.#closed = true
    const usage = this.#meter.usage()
    return { state: 'estimated', usage, outputSeen: this.#meter.outputSeen, responseId: this.#meter.responseId() }
  }

  /** Translated, each event is read; passed on, one that tells nothing new is not. */
  #marks(): readonly RegExp[] | undefined {
    return this.#run.sameDialect && !this.#looks && !this.#run.awaitsId ? this.#meter.marks : undefined
  }

  #take(frame: Frame): void {
    if (this.#closed) return
    const seen = this.#meter.see(frame)
    if (this.#looks && seen !== 'comment' && this.#isRefusal(frame)) this.#decline(frame)
    else if (seen === 'failure') this.#fails(frame, this.#meter.failure)
    else if (seen === 'terminal') this.#close(this.#run.lane.frame(frame))
    else if (seen !== 'usage only' || !this.#run.lane.hidesUsage) this.#pass(frame, seen)
  }

  #begin(): void {
    this.#run.turn.client.begin(200, { ...this.#run.answerHeaders(), ...STREAM_HEADERS })
  }

  #isRefusal({ data = '' }: Frame): boolean {
    this.#looks = false
    return !this.#run.turn.client.begun && (this.#run.offer.provider.dialect.isRefusal?.(parsed(data)) ?? false)
  }

  /** Another model is asked, and where that fails, too, the client gets this answer after all. */
  #decline(frame: Frame): void {
    const { lane, turn, exchange } = this.#run
    exchange?.cancel()
    const ended = this.soFar()
    const keep = (): void => {
      this.#begin()
      turn.client.end(joined([lane.frame(frame) ?? '', lane.end()].filter((piece) => piece.length > 0)))
      this.#ending.delivered()
    }
    const told = (): void => {
      turn.client.withdraw()
      this.#ending.failed(declined(this.#run), keep)
    }
    void this.#run.settle({ ...ended, state: ended.usage ? 'settled' : 'estimated' }).then(told, told)
  }

  #pass(frame: Frame, seen: Seen): void {
    if (seen !== 'comment') this.#progressed()
    // Whoever has the id may ask for the answer before it is whole.
    if (this.#run.awaitsId) this.#run.note(this.#meter.responseId())
    const piece = this.#run.lane.frame(frame)
    if (piece !== undefined) this.#out.push(piece)
  }

  #progressed(): void {
    this.#run.firstByte()
    this.#run.exchange?.progressed()
  }

  #flush(): void {
    let flows = true
    for (const piece of toWrite(this.#out)) flows = this.#run.turn.client.write(piece)
    this.#out = []
    if (!flows) this.#run.wait()
  }

  /** The last frame waits until the attempt is in the books. */
  #close(last?: Buffer | string): void {
    this.#flush()
    const { turn, lane } = this.#run
    const rest = lane.end()
    const usage = this.#meter.usage()
    const state = usage ? 'settled' : 'estimated'
    const settling = this.#run.settle({ state, usage, outputSeen: this.#meter.outputSeen, responseId: this.#meter.responseId() })
    this.#closed = true
    settling
      .then((booked) => {
        const told = option(turn.inbound, turn.caller, 'usage_cost')
          ? comment(`tollgate ${JSON.stringify({ charge_usd: chargeUsd(booked) ?? null, request_id: turn.inbound.requestId })}`)
          : ''
        turn.client.end(joined([told, last ?? '', rest].filter((piece) => piece.length > 0)))
        this.#ending.delivered()
      })
      .catch(this.#ending.failed)
  }

  /** The provider told of a failure inside its 200: the very frame where it already is the client's envelope. */
  #fails(frame: Frame, failure: ProviderFailure | undefined): void {
    const { offer, headers, sameDialect } = this.#run
    const secrets = this.#run.secrets
    const error = failureOf({
      offer,
      status: statusIn(failure),
      headers,
      failure,
      body: Buffer.from(frame.data ?? ''),
      sameDialect,
      secrets,
      now: this.#run.turn.gateway.now(),
    })
    this.#flush()
    this.#run.exchange?.cancel()
    const seen = this.soFar()
    // A provider that only says no has done nothing; one that had begun may bill what it did.
    const state = this.#run.turn.client.begun || seen.usage ? 'estimated' : 'released'
    this.#refuse({ ...seen, state, error }, error.details.body && redactBytes(frame.bytes, secrets))
  }

  /** A failure before the first byte keeps its true status; after it, one frame tells and no end marker follows. */
  #refuse(ended: Ended & { readonly error: GatewayError }, frame?: Buffer): void {
    const { client, inbound } = this.#run.turn
    const { error } = ended
    this.#run.conclude(ended, () => {
      if (!client.begun) {
        client.withdraw()
        this.#ending.failed(error)
        return
      }
      client.end(frame ?? encodeSse(inbound.ingress.encodeStreamError(viewOf(error, inbound.requestId))))
      this.#ending.delivered()
    })
  }
}

/** An error inside a 200 may tell the status it would have had, or carry it as a code, as some aggregators do. */
export function statusIn(failure: ProviderFailure | undefined): number {
  const code = failure?.status ?? Number(failure?.code)
  return code >= 400 && code <= 599 ? code : 502
}

function parsed(data: string): unknown {
  try {
    return JSON.parse(data)
  } catch {
    return undefined
  }
}

/** Bytes. Less is copied together rather than written apart. */
const LARGE = 4 * 1024

/** What came in one piece goes in one, uncopied; a frame that began in the chunk before goes ahead of it. */
function toWrite(pieces: readonly (Buffer | string)[]): readonly (Buffer | string)[] {
  if (pieces.length <= 1) return pieces
  const wholes: (Buffer | string)[] = []
  for (const piece of pieces) {
    const whole = adjoined(wholes.at(-1), piece)
    if (whole) wholes[wholes.length - 1] = whole
    else wholes.push(piece)
  }
  return wholes.some((whole) => Buffer.isBuffer(whole) && whole.length >= LARGE) ? wholes : [joined(wholes) ?? '']
}

/** Frames of one chunk are views of it: two that follow each other are one. */
function adjoined(before: Buffer | string | undefined, after: Buffer | string): Buffer | undefined {
  if (!Buffer.isBuffer(before) || !Buffer.isBuffer(after)) return undefined
  const { buffer, byteOffset, length } = before
  return buffer === after.buffer && byteOffset + length === after.byteOffset
    ? Buffer.from(buffer, byteOffset, length + after.length)
    : undefined
}

/** One write for what came in one piece. */
function joined(pieces: readonly (Buffer | string)[]): Buffer | string | undefined {
  if (pieces.length <= 1) return pieces[0]
  if (pieces.every((piece) => typeof piece === 'string')) return pieces.join('')
  return Buffer.concat(pieces.map((piece) => (typeof piece === 'string' ? Buffer.from(piece) : piece)))
}

const cutOff = (provider: string): GatewayError =>
  new GatewayError('upstream_disconnected', `${provider} ended the stream before the answer was complete.`)

function asProtocolError(error: unknown): GatewayError {
  if (error instanceof GatewayError) return error
  return new GatewayError('upstream_protocol_error', 'The provider sent an event that does not follow its own protocol.', { cause: error })
}
