/** Has a place in one roster, which alone writes it. */
export interface Seated {
  seat: number
}

/**
 * Who is under way now. Not a `Set`: each time that is rehashed, the table it leaves behind still points at all it held and at the next
 * table, so a busy one keeps every request there was alive until the next full collection.
 */
export class Roster<One extends Seated> implements Iterable<One> {
  readonly #seats: One[] = []

  get size(): number {
    return this.#seats.length
  }

  add(one: One): void {
    one.seat = this.#seats.push(one) - 1
  }

  /** The last one moves to the free seat. Nothing happens where `one` has left before. */
  delete(one: One): void {
    if (this.#seats[one.seat] !== one) return
    const last = this.#seats.pop()
    if (last === undefined || last === one) return
    this.#seats[one.seat] = last
    last.seat = one.seat
  }

  /** All who are here when it begins, for some may leave meanwhile. */
  [Symbol.iterator](): Iterator<One> {
    return this.#seats.slice().values()
  }
}
