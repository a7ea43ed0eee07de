import type { ServerResponse } from 'node:http'
import type { Caller, GatewayKey } from '../contract/caller.ts'
import type { Client } from '../contract/gateway.ts'
import type { PlanRules } from '../contract/plan.ts'
import { PING } from '../wire/sse.ts'

/** A client over Node's own response. Its head goes out with the first byte, so that a failure before it keeps its true status. */
export class ResponseClient implements Client {
  readonly #response: ServerResponse
  readonly #requestId: string
  #head: { status: number; headers: Readonly<Record<string, string>> } | undefined
  #spokeAt = 0
  /** Nothing was written, or whole events: bytes that pass as they come may stop anywhere. */
  #betweenEvents = true
  #cut = false
  #stays = false
  /** Whoever waits for it to go, where it has gone and stays all the same; and whoever waits for it to take what it was given. */
  readonly #leaving: (() => void)[] = []
  readonly #draining: (() => void)[] = []
  /** The key whose end is the stream's end. */
  bound: GatewayKey | undefined

  constructor(response: ServerResponse, requestId: string) {
    this.#response = response
    this.#requestId = requestId
  }

  get begun(): boolean {
    return this.#response.headersSent
  }

  get gone(): boolean {
    return this.#response.destroyed && (this.#cut || !this.#stays)
  }

  serves({ key }: Caller, { on_revoke }: PlanRules): void {
    if (on_revoke === 'cut') this.bound = key
  }

  begin(status: number, headers: Readonly<Record<string, string>>): void {
    this.#head = { status, headers }
    this.#spokeAt = performance.now()
  }

  withdraw(): void {
    if (!this.begun) this.#head = undefined
  }

  write(chunk: Buffer | string): boolean {
    if (this.#cut || this.#response.destroyed) return true
    this.#sendHead()
    this.#spokeAt = performance.now()
    this.#betweenEvents = endsEvent(chunk)
    return this.#response.write(chunk)
  }

  end(chunk?: Buffer | string): void {
    if (this.#cut || this.#response.destroyed) return
    this.#sendHead(chunk === undefined ? undefined : Buffer.byteLength(chunk))
    this.#response.end(chunk)
  }

  onDrain(callback: () => void): void {
    if (this.#draining.push(callback) === 1) this.#response.once('drain', () => tell(this.#draining))
  }

  onGone(callback: () => void): void {
    if (this.#stays && this.#response.destroyed) this.#leaving.push(callback)
    else this.#response.on('close', () => this.#closed(callback))
  }

  stay(stays: boolean): void {
    // Whoever has gone takes all there is.
    if (stays && !this.#stays) this.#response.once('close', () => tell(this.#draining))
    this.#stays = stays
    if (!stays && this.#response.destroyed) tell(this.#leaving)
  }

  /** Ends the answer before it is whole: with a last frame for a client that reads its stream, else without a word. */
  cut(frame: string): void {
    if (this.gone) return
    this.#cut = true
    tell(this.#leaving)
    if (this.begun && this.streams && this.#betweenEvents && !this.#response.writableNeedDrain) this.#response.end(frame)
    else this.#response.destroy()
  }

  /** A comment after `silence` milliseconds without a byte, so that nothing between here and the client gives the stream up. */
  pingAfter(silence: number): void {
    const quiet = this.#head !== undefined && performance.now() - this.#spokeAt >= silence
    if (quiet && this.#betweenEvents && !this.gone && !this.#response.writableEnded && !this.#response.writableNeedDrain) this.write(PING)
  }

  get streams(): boolean {
    return (this.#head?.headers['content-type'] ?? '').startsWith('text/event-stream')
  }

  #closed(callback: () => void): void {
    if (!this.#cut && this.#response.writableFinished) return
    if (this.#cut || !this.#stays) callback()
    else this.#leaving.push(callback)
  }

  #sendHead(length?: number): void {
    if (this.begun || !this.#head) return
    const { status, headers } = this.#head
    // Names and values in turn, as Node writes them fastest.
    const list = ['x-request-id', this.#requestId]
    for (const name in headers) list.push(name, headers[name] ?? '')
    if (length !== undefined) list.push('content-length', String(length))
    this.#response.writeHead(status, list)
  }
}

/** Each of them once. */
function tell(callbacks: (() => void)[]): void {
  for (const callback of callbacks.splice(0)) callback()
}

/** An event ends with an empty line. */
function endsEvent(chunk: Buffer | string): boolean {
  const end = chunk.length
  if (at(chunk, end - 1) !== LF) return false
  return at(chunk, end - 2) === LF || (at(chunk, end - 2) === CR && at(chunk, end - 3) === LF)
}

const at = (chunk: Buffer | string, index: number): number | undefined =>
  typeof chunk === 'string' ? chunk.charCodeAt(index) : chunk[index]

const LF = 0x0a
const CR = 0x0d
