/** A text that comes in many small pieces. Joined one by one they would all stay in memory, each with a link of its own to the text. */
export class GrowingText {
  #text = ''
  #pieces: string[] = []

  add(piece: string): void {
    this.#pieces.push(piece)
    if (this.#pieces.length >= MANY) this.toString()
  }

  get isEmpty(): boolean {
    return this.#text === '' && this.#pieces.every((piece) => piece === '')
  }

  toString(): string {
    if (this.#pieces.length > 0) this.#text += this.#pieces.join('')
    this.#pieces = []
    return this.#text
  }
}

const MANY = 256
