import type { Dispatcher } from 'undici'
import type { Exchange, UpstreamHeaders, UpstreamListener, UpstreamRequest } from '../contract/upstream.ts'
import type { GatewayError } from '../errors.ts'
import { Stopwatch, type Watch, type Watched } from './deadlines.ts'
import { brokenAnswer, failureOf, timedOut } from './failure.ts'
import { Inflater, type InflateSink } from './inflate.ts'

export interface Limits {
  /** Bytes of one frame of a streamed answer: a line without end is not kept. */
  readonly frameBytes: number
  /** Bytes of a response's header block. */
  readonly headerBytes: number
  /** Bytes of an answer that is not streamed. */
  readonly answerBytes: number
}

export interface Surroundings {
  readonly request: UpstreamRequest
  readonly listener: UpstreamListener
  readonly limits: Limits
  readonly watch: Watch
}

/** RFC 9110 15.2 sets no limit to informational answers, but a provider has use for one or two. */
const MAX_INFORMATIONAL = 16
const NEWLINE = 0x0a
const CANCELLED = new Error('cancelled')

/** One request on one socket: undici's handler on one side, the running exchange on the other. */
export class SocketExchange implements Exchange, Watched, InflateSink {
  seat = -1
  readonly #request: UpstreamRequest
  readonly #listener: UpstreamListener
  readonly #limits: Limits
  readonly #watch: Watch
  readonly #stopwatch: Stopwatch
  #controller: Dispatcher.DispatchController | undefined
  #inflater: Inflater | undefined
  #open = true
  #paused = false
  #informational = 0
  /** Bytes of the answer so far; of a streamed one, since its last line end. */
  #run = 0

  constructor({ request, listener, limits, watch }: Surroundings) {
    this.#request = request
    this.#listener = listener
    this.#limits = limits
    this.#watch = watch
    this.#stopwatch = new Stopwatch(request, watch.now())
    watch.add(this)
  }

  pause(): void {
    this.#paused = true
    this.#stopwatch.pause(true)
    this.#inflater?.pause()
    this.#controller?.pause()
  }

  resume(): void {
    this.#paused = false
    this.#stopwatch.pause(false)
    this.#inflater?.resume()
    this.#controller?.resume()
  }

  progressed(): void {
    this.#stopwatch.moved()
  }

  cancel(): void {
    if (this.#open) this.#close(CANCELLED)
  }

  check(now: number): void {
    const deadline = this.#stopwatch.expired(now)
    if (deadline !== undefined) this.fail(timedOut(deadline, this.#request))
  }

  /** Ends the exchange for a reason of ours; its socket is never used again. */
  fail(error: GatewayError): void {
    if (!this.#open) return
    this.#close(error)
    this.#listener.onFail(error, this.#sent)
  }

  /** undici is about to write: from here on the provider may have seen the request. */
  onRequestStart(controller: Dispatcher.DispatchController): void {
    // Thrown here, it gives the unused socket back; `abort` would destroy it.
    if (!this.#open) throw CANCELLED
    this.#controller = controller
    if (this.#paused) controller.pause()
    this.#stopwatch.enter(comesInPieces(this.#request) ? 'sending' : 'firstByte')
  }

  onBodySent(): void {
    if (this.#stopwatch.phase === 'sending') this.#stopwatch.moved()
  }

  onRequestSent(): void {
    if (this.#stopwatch.phase === 'sending') this.#stopwatch.enter('firstByte')
  }

  onResponseStart(controller: Dispatcher.DispatchController, status: number, headers: RawHeaders): void {
    // Views of the piece they came in, which would be kept with them as long as the answer lasts.
    controller.rawHeaders = null
    if (!this.#open) return
    if (status < 200) this.#skipInformational()
    else if (status >= 300 && status < 400) this.#refuseRedirect(status)
    else this.#begin(status, joined(headers))
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (!this.#open) return
    if (this.#inflater === undefined) this.onData(chunk)
    else this.#inflater.write(chunk)
  }

  onResponseEnd(): void {
    if (this.#inflater === undefined) this.onEnd()
    else this.#inflater.end()
  }

  onResponseError(_controller: Dispatcher.DispatchController | null, error: Error): void {
    if (!this.#open) return
    const failure = failureOf(error, this.#request, this.#sent)
    if (this.#sent) this.fail(failure)
    // undici may refuse while `send` still runs, and nobody is called before `send` has returned.
    else queueMicrotask(() => this.fail(failure))
  }

  onData(chunk: Buffer): void {
    if (!this.#open) return
    if (this.#fits(chunk)) this.#listener.onData(chunk)
    else this.onBroken(this.#request.stream ? 'sent a line without end' : 'sent an answer without end')
  }

  onEnd(): void {
    if (!this.#open) return
    this.#open = false
    this.#watch.delete(this)
    this.#listener.onEnd()
  }

  onBroken(what: string, cause?: Error): void {
    this.fail(brokenAnswer(this.#request, what, cause))
  }

  onPressure(full: boolean): void {
    if (full) this.#controller?.pause()
    else if (!this.#paused) this.#controller?.resume()
  }

  get #sent(): boolean {
    return this.#stopwatch.phase !== 'connect'
  }

  #close(reason: Error): void {
    this.#open = false
    this.#watch.delete(this)
    this.#inflater?.destroy()
    this.#controller?.abort(reason)
  }

  #skipInformational(): void {
    this.#informational += 1
    if (this.#informational > MAX_INFORMATIONAL) this.onBroken('sent informational answers without end')
  }

  /** Followed, it would carry the credential where nobody checked. */
  #refuseRedirect(status: number): void {
    this.onBroken(`answered with a redirect (${status}), which is blocked`)
  }

  #begin(status: number, headers: UpstreamHeaders): void {
    this.#stopwatch.enter('progress')
    const coding = headers['content-encoding']?.trim().toLowerCase() ?? ''
    if (coding === '' || coding === 'identity') {
      this.#listener.onHeaders(status, headers)
      return
    }
    this.#inflater = Inflater.of(coding, this)
    if (this.#inflater === undefined) {
      this.onBroken('sent a content coding nobody asked for')
      return
    }
    // The coding is undone here, so these two no longer tell of the bytes that will be read.
    const { 'content-encoding': _coding, 'content-length': _length, ...rest } = headers
    this.#listener.onHeaders(status, rest)
  }

  #fits(chunk: Buffer): boolean {
    const { stream, unbounded } = this.#request
    if (unbounded) return true
    if (!stream) this.#run += chunk.length
    // Nearly every chunk ends with its line.
    else if (chunk[chunk.length - 1] === NEWLINE) this.#run = 0
    else this.#run = sinceNewline(chunk, this.#run)
    return this.#run <= (stream ? this.#limits.frameBytes : this.#limits.answerBytes)
  }
}

const comesInPieces = ({ body }: UpstreamRequest): boolean => body !== undefined && !Buffer.isBuffer(body) && !Array.isArray(body)

type RawHeaders = Record<string, string | string[] | undefined>

/** RFC 9110 5.3: a field sent several times is one list. undici made the object for us alone, so it is changed in place. */
function joined(headers: RawHeaders): UpstreamHeaders {
  for (const name in headers) {
    const value = headers[name]
    if (typeof value !== 'string') headers[name] = value?.join(', ')
  }
  // Every value is text now.
  return headers as UpstreamHeaders
}

function sinceNewline(chunk: Buffer, before: number): number {
  const at = chunk.lastIndexOf(NEWLINE)
  return at === -1 ? before + chunk.length : chunk.length - at - 1
}
