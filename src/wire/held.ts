import { Buffer } from 'node:buffer'

const NOTHING = Buffer.alloc(0)

/** The beginning of a frame whose end has not come: grows by doubling, so that a frame in one-byte chunks costs no more than its size. */
export class Held {
  #buffer = NOTHING
  size = 0

  get bytes(): Buffer {
    return this.#buffer.subarray(0, this.size)
  }

  add(bytes: Buffer): void {
    const size = this.size + bytes.length
    if (size > this.#buffer.length) {
      // Not cut from a slab of Node's, which would be held as long.
      const larger = Buffer.allocUnsafeSlow(Math.max(size, 2 * this.#buffer.length))
      this.#buffer.copy(larger, 0, 0, this.size)
      this.#buffer = larger
    }
    bytes.copy(this.#buffer, this.size)
    this.size = size
  }

  take(last: Buffer): Buffer {
    this.add(last)
    const whole = this.bytes
    this.#buffer = NOTHING
    this.size = 0
    return whole
  }
}
