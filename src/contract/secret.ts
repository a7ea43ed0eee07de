import { inspect } from 'node:util'

const HIDDEN = '[secret]'

/** A value that must not be printed: logs, JSON, templates and inspectors see `[secret]`; only `reveal()` gives it away. */
export class Secret {
  readonly #value: string

  constructor(value: string) {
    this.#value = value
  }

  reveal(): string {
    return this.#value
  }

  /** The last four characters, only of values long enough that four tell nothing (20 characters or more). */
  get last4(): string | undefined {
    return this.#value.length >= 20 ? this.#value.slice(-4) : undefined
  }

  toString(): string {
    return HIDDEN
  }

  toJSON(): string {
    return HIDDEN
  }

  [inspect.custom](): string {
    return HIDDEN
  }
}
