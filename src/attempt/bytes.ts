// An answer that is not JSON, such as sound: passed on as it comes, never kept, settled at its end.

import type { GatewayError } from '../errors.ts'
import type { Ended, Ending, Reader, Run } from './run.ts'

export class BytesReader implements Reader {
  readonly #run: Run
  readonly #ending: Ending
  #closed = false

  constructor(run: Run, ending: Ending) {
    this.#run = run
    this.#ending = ending
    const { 'content-type': type = 'application/octet-stream', 'content-length': length } = run.headers
    // A length that the provider does not keep tells the client that the answer broke off.
    run.turn.client.begin(run.status, {
      ...run.answerHeaders(),
      'content-type': type,
      ...(length !== undefined && { 'content-length': length }),
    })
  }

  data(chunk: Buffer): void {
    if (this.#closed) return
    this.#run.firstByte()
    this.#run.exchange?.progressed()
    if (!this.#run.turn.client.write(chunk)) this.#run.wait()
  }

  end(): void {
    if (this.#closed) return
    this.#closed = true
    this.#run
      .settle({ state: 'settled', usage: this.#asked() })
      .then(() => {
        this.#run.turn.client.end()
        this.#ending.delivered()
      })
      .catch(this.#ending.failed)
  }

  /** A client that has heard a part can only be told by a connection that ends too soon. */
  fail(error: GatewayError): void {
    if (this.#closed) return
    this.#run.exchange?.cancel()
    this.#run.conclude({ ...this.soFar(), error }, () => {
      if (!this.#run.turn.client.begun) this.#run.turn.client.withdraw()
      this.#ending.failed(error)
    })
  }

  soFar(): Ended {
    this.#closed = true
    return { state: 'settled', usage: this.#asked() }
  }

  /** Sound counts nothing: what it was made of does. Where that was not text, nobody knows, which is not nothing. */
  #asked(): Ended['usage'] {
    const { characters } = this.#run.turn.peeked
    return characters === undefined ? undefined : { characters }
  }
}
