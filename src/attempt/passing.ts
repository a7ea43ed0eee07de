import type { GatewayError } from '../errors.ts'
import type { Headers } from '../headers.ts'
import type { Ended, Ending, Reader, Run } from './run.ts'

/** An answer that is passed on as it comes and never kept; settled at its end. What its bytes are, its kinds tell. */
export abstract class PassingReader implements Reader {
  readonly #run: Run
  readonly #ending: Ending
  #closed = false

  constructor(run: Run, ending: Ending, described: Headers) {
    this.#run = run
    this.#ending = ending
    run.turn.client.begin(run.status, { ...run.answerHeaders(), ...described })
  }

  /** What was made of the attempt, the answer being whole or broken off. */
  protected abstract made(whole: boolean): Ended

  /** Hears of the bytes that go by. */
  protected see(_chunk: Buffer): void {}

  data(chunk: Buffer): void {
    if (this.#closed) return
    this.#run.firstByte()
    this.#run.exchange?.progressed()
    this.see(chunk)
    if (!this.#run.turn.client.write(chunk)) this.#run.wait()
  }

  end(): void {
    if (this.#closed) return
    this.#closed = true
    this.#run
      .settle(this.made(true))
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
    return this.made(false)
  }
}
