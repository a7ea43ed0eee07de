import type { Caller } from '../contract/caller.ts'
import type { Copy } from '../contract/copy.ts'
import type { Client } from '../contract/gateway.ts'
import type { PlanRules } from '../contract/plan.ts'

/** A client that writes down what it is told. The last piece waits until `finish`, so that who has a whole answer finds it kept. */
export class Copying implements Client {
  readonly #client: Client
  readonly #most: number
  readonly #tooMuch: () => void
  #head: Pick<Copy, 'status' | 'headers'> | undefined
  #pieces: Buffer[] = []
  #bytes = 0
  #last: { readonly piece: Buffer | string | undefined } | undefined

  /** `most`: bytes beyond which nothing is written down, and `tooMuch` hears of it. */
  constructor(client: Client, most: number, tooMuch = (): void => {}) {
    this.#client = client
    this.#most = most
    this.#tooMuch = tooMuch
  }

  /** All that was told, once it has ended and where it is not too much. */
  copy(requestId: string): Copy | undefined {
    if (!this.#head || !this.#last || this.#bytes > this.#most) return undefined
    return { requestId, ...this.#head, pieces: this.#pieces }
  }

  get ended(): boolean {
    return this.#last !== undefined
  }

  finish(): void {
    if (this.#last) this.#client.end(this.#last.piece)
  }

  serves(caller: Caller, plan: PlanRules): void {
    this.#client.serves(caller, plan)
  }

  begin(status: number, headers: Readonly<Record<string, string>>): void {
    // How long it is depends on how it is told.
    const { 'content-length': _length, ...told } = headers
    this.#head = { status, headers: told }
    this.#client.begin(status, headers)
  }

  withdraw(): void {
    this.#head = undefined
    this.#client.withdraw()
  }

  write(chunk: Buffer | string): boolean {
    this.#note(chunk)
    return this.#client.write(chunk)
  }

  end(chunk?: Buffer | string): void {
    if (chunk !== undefined) this.#note(chunk)
    this.#last = { piece: chunk }
  }

  stay(stays: boolean): void {
    this.#client.stay(stays)
  }

  get begun(): boolean {
    // A client that has gone takes nothing, and what it was told counts all the same.
    return this.#bytes > 0 || this.#client.begun
  }

  get gone(): boolean {
    return this.#client.gone
  }

  onDrain(callback: () => void): void {
    this.#client.onDrain(callback)
  }

  onGone(callback: () => void): void {
    this.#client.onGone(callback)
  }

  #note(chunk: Buffer | string): void {
    const piece = Buffer.from(chunk) // a copy: what is given is a view of memory that holds much more
    this.#bytes += piece.length
    if (this.#bytes <= this.#most) {
      this.#pieces.push(piece)
      return
    }
    this.#pieces = []
    this.#tooMuch()
  }
}
