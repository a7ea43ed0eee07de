// An answer in one piece: collected within bounds, read once, settled, sent.

import type { ProviderFailure } from '../contract/dialect.ts'
import type { Booked } from '../contract/ledger.ts'
import { GatewayError } from '../errors.ts'
import { chargeUsd } from '../headers.ts'
import { responseIdOf } from '../meter.ts'
import { option } from '../turn.ts'
import { editJson } from '../wire/json-edit.ts'
import { scanJson } from '../wire/json-scan.ts'
import { failureOf } from './failure.ts'
import { declined, looksForRefusal } from './refusal.ts'
import type { Ended, Ending, Reader, Run } from './run.ts'
import { statusIn } from './stream.ts'

const MOST_BYTES = 64 * 1024 * 1024
const MOST_ERROR_BYTES = 1024 * 1024

export class WholeReader implements Reader {
  readonly #run: Run
  readonly #ending: Ending
  readonly #chunks: Buffer[] = []
  #bytes = 0
  #closed = false

  constructor(run: Run, ending: Ending) {
    this.#run = run
    this.#ending = ending
  }

  data(chunk: Buffer): void {
    if (this.#closed) return
    this.#bytes += chunk.length
    this.#run.firstByte()
    this.#run.exchange?.progressed()
    if (this.#bytes <= (this.#run.status < 400 ? MOST_BYTES : MOST_ERROR_BYTES)) this.#chunks.push(chunk)
    else
      this.fail(
        new GatewayError('upstream_protocol_error', `${this.#run.offer.provider.name} sent an answer larger than the gateway takes.`),
      )
  }

  end(): void {
    if (this.#closed) return
    this.#closed = true
    const [only] = this.#chunks
    const body = this.#chunks.length === 1 && only ? only : Buffer.concat(this.#chunks, this.#bytes)
    const payload = parsed(body)
    const { dialect, name } = this.#run.offer.provider
    const failure = dialect.decodeError(payload, this.#run.headers)
    if (this.#run.status >= 400 || failure) this.#refused(body, failure)
    else if (payload === undefined) this.#broken(`${name} answered with something other than JSON.`)
    else this.#answer(body, payload)
  }

  fail(error: GatewayError): void {
    if (this.#closed) return
    this.#closed = true
    this.#run.exchange?.cancel()
    this.#over({ state: 'estimated', error })
  }

  soFar(): Ended {
    this.#closed = true
    return { state: 'estimated' }
  }

  #answer(body: Buffer, payload: unknown): void {
    const { dialect, quirks, name } = this.#run.offer.provider
    const usage = dialect.readUsage(payload, quirks, this.#run.headers)
    try {
      const answer = this.#run.lane.answer(body)
      const ended: Ended = { state: usage ? 'settled' : 'estimated', usage, responseId: responseIdOf(payload) }
      this.#run
        .settle(ended)
        .then((booked) => (this.#isRefusal(payload) ? this.#keep(answer, booked) : this.#send(answer, booked)))
        .catch((error: unknown) => this.#ending.failed(error))
    } catch (error) {
      this.#broken(`${name} answered in a shape that its API does not describe.`, error)
    }
  }

  #isRefusal(payload: unknown): boolean {
    return looksForRefusal(this.#run) && (this.#run.offer.provider.dialect.isRefusal?.(payload) ?? false)
  }

  #keep(answer: Buffer, booked: Booked): void {
    this.#ending.failed(declined(this.#run), () => this.#send(answer, booked))
  }

  #send(answer: Buffer, booked: Booked): void {
    const { turn, status } = this.#run
    const charge = chargeUsd(booked)
    const headers = this.#run.answerHeaders()
    headers['content-type'] = 'application/json'
    if (charge !== undefined) headers['x-tollgate-charge-usd'] = charge
    turn.client.begin(status, headers)
    turn.client.end(charge !== undefined && option(turn.inbound, turn.caller, 'usage_cost') ? withCost(answer, charge) : answer)
    this.#ending.delivered()
  }

  #refused(body: Buffer, failure: ProviderFailure | undefined): void {
    const { offer, turn, status, headers, sameDialect } = this.#run
    const error = failureOf({
      offer,
      status: status >= 400 ? status : statusIn(failure),
      headers,
      failure,
      body,
      sameDialect,
      carried: turn.peeked.carried !== undefined,
      secrets: this.#run.secrets,
      now: this.#run.turn.gateway.now(),
    })
    this.#over({ state: 'released', error })
  }

  /** The provider may have worked for it, so it is booked as an estimate. */
  #broken(sentence: string, cause?: unknown): void {
    this.#over({ state: 'estimated', error: new GatewayError('upstream_protocol_error', sentence, { cause }) })
  }

  #over(ended: Ended & { error: GatewayError }): void {
    this.#run.conclude(ended, () => this.#ending.failed(ended.error))
  }
}

function parsed(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString())
  } catch {
    return undefined
  }
}

/** The answer with `usage.cost`, the only edit there is to an answer's bytes, and only where it was asked for and can be made. */
function withCost(answer: Buffer, charge: string): Buffer {
  try {
    const scan = scanJson(answer, { limits: ANSWER_LIMITS })
    const usage = scan.fields.get('usage')
    if (!usage || answer[usage.valueStart] !== 0x7b) return answer
    const inner = scanJson(answer.subarray(usage.valueStart, usage.valueEnd))
    return editJson(scan, [{ set: 'usage', json: editJson(inner, [{ set: 'cost', json: charge }]).toString() }])
  } catch {
    return answer
  }
}

/** An answer was parsed before; log probabilities alone make it larger than any request. */
const ANSWER_LIMITS = { depth: 1_000, tokens: Number.POSITIVE_INFINITY }
