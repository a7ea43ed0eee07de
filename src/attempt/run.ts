import { type Offer, secretsOf } from '../contract/decision.ts'
import type { Usage } from '../contract/dialect.ts'
import { type Headroom, shareLeft } from '../contract/headroom.ts'
import type { Booked, Outcome, Ticket } from '../contract/ledger.ts'
import type { Secret } from '../contract/secret.ts'
import type { Exchange, UpstreamHeaders } from '../contract/upstream.ts'
import type { GatewayError } from '../errors.ts'
import { ailmentOf } from '../failover/failures.ts'
import { decisionHeaders, type Headers, limitHeaders, servedHeaders, upstreamRequestId } from '../headers.ts'
import type { Lane } from '../lane.ts'
import type { Turn } from '../turn.ts'
import { redactJson } from '../wire/redact.ts'
import { headroomOf } from './headroom.ts'
import { retryAfterOf } from './retry-after.ts'

/** What was made of an attempt. `released`: the provider did nothing that it would bill. */
export interface Ended {
  readonly state: Outcome['state']
  readonly usage?: Usage | undefined
  readonly outputSeen?: number
  readonly responseId?: string | undefined
  /** It goes on after that, and nobody is there to see it. */
  readonly unseen?: true
  readonly error?: GatewayError | undefined
}

/** Reads what comes back: a stream as it comes, or a whole body. */
export interface Reader {
  data(chunk: Buffer): void
  end(): void
  /** The exchange broke off. */
  fail(error: GatewayError): void
  /** What is known so far, for a client that leaves in the middle. */
  soFar(): Ended
}

/** How an attempt is over for whoever asked for it. */
export interface Ending {
  delivered(): void
  /** Nothing went to the client, so another offer may be tried. */
  failed(error: unknown, kept?: () => void): void
}

/** One attempt under way: what it is, how long it runs, and the one way to settle it. */
export class Run {
  readonly turn: Turn
  readonly offer: Offer
  readonly lane: Lane
  readonly number: number
  /** The secrets in play, for the redactor: held to the end, though the tenant may be erased while its answer streams. */
  secrets: readonly Secret[]
  exchange: Exchange | undefined
  status = 0
  headers: UpstreamHeaders = {}
  readonly #ticket: Ticket
  readonly #began: number
  #headersAt: number | undefined
  #headroom: Headroom | undefined
  #firstByteAt: number | undefined
  #settled: Promise<Booked> | undefined
  #noted: Promise<void> | undefined
  #left = false

  constructor(course: { turn: Turn; offer: Offer; lane: Lane; number: number; ticket: Ticket }) {
    this.turn = course.turn
    this.offer = course.offer
    this.lane = course.lane
    this.number = course.number
    this.secrets = secretsOf(course.offer.credential)
    this.#ticket = course.ticket
    this.#began = performance.now()
  }

  /** Secrets that came into play on the way, e.g. a token that the key was exchanged for. */
  knows(minted: readonly Secret[]): void {
    if (minted.length > 0) this.secrets = [...this.secrets, ...minted]
  }

  answered(status: number, headers: UpstreamHeaders): void {
    this.status = status
    this.headers = headers
    this.#headersAt = this.#elapsed()
    this.#hearHeadroom()
    this.turn.answered?.()
  }

  /** What is left of a key of the platform's is shared by those who come next. */
  #hearHeadroom(): void {
    const { status, headers, offer } = this
    const { limits, now } = this.turn.gateway
    this.#headroom = headroomOf(headers, now())
    if (offer.credential.source !== 'platform') return
    if (this.#headroom) limits.heardOf(offer, this.#headroom, performance.now() - this.#began)
    const wait = status === 429 ? retryAfterOf({ status, headers, told: undefined, now: now() }) : undefined
    if (wait !== undefined) limits.spentKey(offer, this.turn.peeked.ask, wait)
  }

  /** The client is slower than its provider, which now waits for it. */
  wait(): void {
    this.exchange?.pause()
    this.turn.client.onDrain(() => this.exchange?.resume())
  }

  firstByte(): void {
    this.#firstByteAt ??= this.#elapsed()
  }

  /** Headers of this provider's answer, good or bad, made anew: whoever asks adds his own. */
  answerHeaders(): Headers {
    const { turn, offer, number: attempt, lane } = this
    const headers = decisionHeaders(turn.decision, turn.config)
    servedHeaders({ offer, attempt, changed: lane.changed, secrets: this.secrets }, this.headers, headers)
    limitHeaders(turn.gateway.limits.standing(turn.caller, turn.plan), headers)
    return turn.headers ? { ...headers, ...turn.headers } : headers
  }

  get sameDialect(): boolean {
    return this.turn.inbound.ingress.id === this.offer.provider.dialect.id
  }

  /** Books the attempt, gives back what the limits held too much, and tells telemetry. Durable when it resolves; the first call counts. */
  settle(ended: Ended): Promise<Booked> {
    return (this.#settled ??= this.#settle(ended))
  }

  /** The client has left and the answer is read on: its place in the limits is free again, and what it uses is taken to be what was foreseen. */
  leave(): void {
    this.#left = true
    this.turn.hold.settle(undefined)
  }

  /** The provider keeps this answer, and whose it is was not noted yet. */
  get awaitsId(): boolean {
    return this.#noted === undefined && this.turn.peeked.keeps === true && this.sameDialect
  }

  /** Notes whose answer the provider keeps under this id. What cannot be written is known to this process all the same. */
  note(id: string | undefined): void {
    if (id === undefined || !this.awaitsId) return
    const { turn, offer } = this
    const { provider, wireModel, credential } = offer
    const { source, fingerprint } = credential
    const keeper = { tenant: turn.caller.tenant.id, provider: provider.id, wireModel, source, fingerprint }
    this.#noted = turn.gateway.keepers.remember(id, keeper).catch(() => undefined)
  }

  /** Goes on when the books have taken the end of an attempt that failed, or have refused to: the client is told either way. */
  conclude(ended: Ended, then: () => void): void {
    void this.settle(ended).then(then, then)
  }

  async #settle(ended: Ended): Promise<Booked> {
    const { gateway, hold } = this.turn
    const { offer } = this
    const total = this.#elapsed()
    this.note(ended.responseId)
    // An answer that cost nothing counts as a request all the same.
    const counts = ended.state !== 'released' || !ended.error
    const booking = Promise.all([this.#ticket.settle(this.#outcome(ended, total)), this.#noted])
    const [booked] = await booking.catch((error: unknown) => {
      // What the books refuse was sent all the same, and is in them as another process closed it.
      if (counts) hold.settle(tokensOf(ended.usage))
      throw error
    })
    if (counts) hold.settle(tokensOf(ended.usage))
    const code = ended.error?.code ?? 'ok'
    gateway.observe.attempt({
      offer,
      code,
      status: this.status,
      firstByteMs: this.#firstByteAt,
      totalMs: total,
      usage: ended.usage,
      headroom: this.#headroom && shareLeft(this.#headroom),
    })
    gateway.asked.used(this.turn.caller, this.turn.peeked.ask, ended.usage)
    this.#reportHealth(ended)
    this.turn.made?.({ offer, well: !ended.error && ended.state !== 'released', cost: booked.cost })
    return booked
  }

  #outcome({ state, usage, outputSeen, responseId, unseen, error }: Ended, total: number): Outcome {
    const code = error?.code ?? (this.#left ? 'client_closed_request' : undefined)
    const providerRequestId = upstreamRequestId(this.headers)
    // Ids and usage are a provider's words, and words may hold what it was sent.
    const outcome: Outcome = {
      state,
      usage,
      status: this.status,
      ...(code && { code }),
      ...(unseen && { unseen }),
      ...(providerRequestId !== undefined && { providerRequestId }),
      ...(responseId !== undefined && { responseId }),
      ...(outputSeen !== undefined && { outputSeen }),
      timings: {
        ...(this.#headersAt !== undefined && { headers: this.#headersAt }),
        ...(this.#firstByteAt !== undefined && { firstByte: this.#firstByteAt }),
        total,
      },
    }
    return redactJson(outcome, this.secrets)
  }

  #reportHealth({ error }: Ended): void {
    // What one part of a provider's own API refuses, or to one kind of key, says nothing of the rest.
    if (this.turn.peeked.carried) return
    const { health, keyHealth, tokens } = this.turn.gateway
    const { credential, provider } = this.offer
    const tenant = credential.source === 'tenant' ? this.turn.caller.tenant.id : undefined
    const ailment = error && ailmentOf(error)
    if (ailment) health.failed(this.offer, { ailment, code: error.code, retryAfter: error.details.retryAfter, tenant })
    else if (!error) health.succeeded(this.offer)
    if (credential.fingerprint === undefined) return
    const key = { provider, tenant, fingerprint: credential.fingerprint }
    if (error?.code === 'credential_invalid') {
      tokens.forget(credential)
      keyHealth.refused(key, error.message)
    } else if (this.status >= 200 && this.status < 300) keyHealth.accepted(key)
  }

  /** Milliseconds, of a clock that nobody sets. */
  #elapsed(): number {
    return Math.round(performance.now() - this.#began)
  }
}

/** Tokens that count against a limit: all that the provider says it used. */
function tokensOf(usage: Usage | undefined): number | undefined {
  return usage && (usage.input !== undefined || usage.output !== undefined) ? (usage.input ?? 0) + (usage.output ?? 0) : undefined
}
