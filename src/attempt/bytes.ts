// An answer that is not JSON, such as sound.

import { PassingReader } from './passing.ts'
import type { Ended, Ending, Run } from './run.ts'

export class BytesReader extends PassingReader {
  readonly #characters: number | undefined

  constructor(run: Run, ending: Ending) {
    const { 'content-type': type = 'application/octet-stream', 'content-length': length } = run.headers
    // A length that the provider does not keep tells the client that the answer broke off.
    super(run, ending, { 'content-type': type, ...(length !== undefined && { 'content-length': length }) })
    this.#characters = run.turn.peeked.characters
  }

  /** Sound counts nothing: what it was made of does. Where that was not text, nobody knows, which is not nothing. */
  protected made(): Ended {
    return { state: 'settled', usage: this.#characters === undefined ? undefined : { characters: this.#characters } }
  }
}
