// One offer, tried once: noted in the books, sent, read, settled.

import type { Offer } from '../contract/decision.ts'
import { speaking } from '../contract/speech.ts'
import type { UpstreamHeaders, UpstreamListener, UpstreamRequest } from '../contract/upstream.ts'
import { asGatewayError } from '../error-view.ts'
import { GatewayError } from '../errors.ts'
import { Overdrawn } from '../failover/overdrawn.ts'
import { AttemptFailed } from '../failover.ts'
import { openLane } from '../lane.ts'
import { booked, option, type Turn } from '../turn.ts'
import { BytesReader } from './bytes.ts'
import { carriedRequest } from './carried.ts'
import { isJson, streamTypeOf } from './framing.ts'
import { PassageReader } from './passage.ts'
import { isProvenLate, proven } from './proof.ts'
import { forModel } from './quirks.ts'
import { requestOf } from './request.ts'
import { type Ending, type Reader, Run } from './run.ts'
import { StreamReader } from './stream.ts'
import { WholeReader } from './whole.ts'

/** Resolves when the client has its answer, or has gone; rejects with `AttemptFailed` or `Overdrawn` while another offer may still be tried. */
export async function attempt(turn: Turn, decided: Offer, number: number): Promise<void> {
  const { inbound, peeked, gateway, caller } = turn
  const provider = spokenTo(decided, peeked)
  const offer = provider === decided.provider ? decided : { ...decided, provider }
  const strict = option(inbound, caller, 'strict')
  const lane = openLane({
    peeked,
    offer,
    header: (name) => inbound.header(name),
    requestId: inbound.requestId,
    created: Math.floor(inbound.at / 1000),
    strict,
  })
  const request = peeked.carried ? carriedRequest(turn, offer, peeked.carried) : requestOf(turn, offer, lane)
  const ticket = await booked(turn, offer, number)
  if ('refused' in ticket) throw new Overdrawn(offer, ticket.refused, turn)
  gateway.usedVia(offer.credential.via)
  const run = new Run({ turn, offer, lane, number, ticket })
  await (isProvenLate(offer.credential) ? sendProven(run, request) : sendToPresent(run, request))
}

/** A client that left while the books were written or a token was fetched must not reach a provider at all. */
function sendToPresent(run: Run, request: UpstreamRequest): Promise<unknown> {
  return run.turn.client.gone ? run.settle({ state: 'released', error: gone() }) : send(run, request)
}

async function sendProven(run: Run, request: UpstreamRequest): Promise<void> {
  const whole = await proven(run.turn.gateway, request, run.offer.credential).catch(async (thrown: unknown) => {
    const error = attributed(thrown, run)
    await run.settle({ state: 'released', error })
    throw new AttemptFailed(error, false)
  })
  run.knows(whole.minted)
  await sendToPresent(run, whole.request)
}

/** The provider as it is asked for this model: in which of its dialects, and with which quirks. Its own API is asked as it is. */
function spokenTo(decided: Offer, { ingress, carried }: Turn['peeked']): Offer['provider'] {
  if (carried && !carried.below) return decided.provider
  return forModel(speaking(decided, ingress.asks ?? ingress.id, ingress.family), decided.wireModel)
}

function send(run: Run, request: UpstreamRequest): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (error: unknown, sent: boolean, kept?: () => void) => reject(new AttemptFailed(attributed(error, run), sent, kept))
    const ending: Ending = { delivered: resolve, failed: (error, kept) => fail(error, true, kept) }
    const listener = new Listener(run, ending, fail)
    run.turn.client.onGone(() => listener.abandon())
    run.exchange = run.turn.gateway.upstream.send(request, listener)
  })
}

/** A failure tells as an answer does who served and whose key paid. */
function attributed(thrown: unknown, run: Run): GatewayError {
  const error = asGatewayError(thrown)
  return error.with({ headers: { ...run.answerHeaders(), ...error.details.headers } })
}

class Listener implements UpstreamListener {
  readonly #run: Run
  readonly #ending: Ending
  readonly #never: (error: GatewayError, sent: boolean) => void
  #reader: Reader | undefined
  #over = false
  /** The client has left, and the answer is read on; to be called at its end. */
  #drained: (() => void) | undefined

  constructor(run: Run, ending: Ending, never: (error: GatewayError, sent: boolean) => void) {
    this.#run = run
    this.#ending = ending
    this.#never = never
  }

  onHeaders(status: number, headers: UpstreamHeaders): void {
    this.#run.answered(status, headers)
    const type = headers['content-type'] ?? ''
    const { turn, offer } = this.#run
    const { dialect } = offer.provider
    if (status < 400 && turn.peeked.carried) this.#read(PassageReader)
    else if (status < 400 && dialect.bytes) this.#read(soundReader(dialect, type))
    else if (!turn.peeked.ask.stream || status >= 400) this.#read(WholeReader)
    else if (type.startsWith(streamTypeOf(dialect))) this.#read(StreamReader)
    else if (dialect.framing) this.#read(WholeReader)
  }

  onData(chunk: Buffer): void {
    const reader = this.#reader ?? this.#read(EVENTS.test(chunk.toString('latin1', 0, 8)) ? StreamReader : WholeReader)
    reader.data(chunk)
  }

  onEnd(): void {
    this.#over = true
    this.#drained?.()
    const reader = this.#reader ?? this.#read(WholeReader)
    reader.end()
  }

  onFail(error: GatewayError, sent: boolean): void {
    this.#over = true
    this.#drained?.()
    if (this.#reader) this.#reader.fail(error)
    // What may have reached a provider without an answer is booked as an estimate, never freed.
    else this.#run.conclude({ state: sent ? 'estimated' : 'released', error }, () => this.#never(error, sent))
  }

  /** The client has gone: the provider is stopped at once, unless it bills all the same and will soon say what. */
  abandon(): void {
    if (this.#over || this.#drained) return
    const { turn, offer } = this.#run
    this.#drained = offer.provider.quirks?.billsAbandoned ? turn.gateway.drains.enter(() => this.#stop()) : undefined
    if (!this.#drained) this.#stop()
    else {
      this.#run.leave()
      // It may have waited for the client to take more.
      this.#run.exchange?.resume()
    }
  }

  /** What the provider did is booked; where it goes on and bills it, the most that it may come to. */
  #stop(): void {
    this.#over = true
    this.#run.exchange?.cancel()
    const ended = this.#reader?.soFar() ?? { state: 'estimated' as const }
    const unseen = this.#run.offer.provider.quirks?.billsAbandoned && ended.state === 'estimated' && { unseen: true as const }
    this.#run.conclude({ ...ended, ...unseen, error: gone() }, () => this.#ending.delivered())
  }

  #read(Kind: ReaderKind): Reader {
    this.#reader = new Kind(this.#run, this.#ending)
    return this.#reader
  }
}

type ReaderKind = typeof StreamReader | typeof WholeReader | typeof BytesReader | typeof PassageReader

/** Who speaks or listens answers sound, text, JSON or events, as the request's format had it: the answer's own type tells. */
function soundReader(dialect: Offer['provider']['dialect'], type: string): ReaderKind {
  if (type.startsWith(streamTypeOf(dialect))) return StreamReader
  return isJson(type) ? WholeReader : BytesReader
}

/** Some answer a stream under another media type, JSON's mostly; no JSON begins like this. */
const EVENTS = /^(?:data|event|id|retry|):/

const gone = () => new GatewayError('client_closed_request', 'The client left before its answer was whole.')
