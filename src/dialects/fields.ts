// Reading what a provider sent: every value is unknown until one of these has looked at it, and what is missing or of another kind is
// simply not there. Written by hand because a schema per event of a stream costs more than the event.

export type Fields = Readonly<Record<string, unknown>>

const NONE: Fields = Object.freeze({})

/** An object's fields; none for anything else. */
export function fields(value: unknown): Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : NONE
}

export function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

export function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}

/** A string that is not empty. */
export function word(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}

/** A number that can be true of a count or an amount: finite and not negative. */
export function count(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : undefined
}

/** The sum of those that are there; undefined where none is. */
export function sum(...counts: readonly (number | undefined)[]): number | undefined {
  const told = counts.filter((value) => value !== undefined)
  return told.length === 0 ? undefined : told.reduce((total, value) => total + value, 0)
}

/** A table's own entry for what a provider named; `constructor` and its like are not in any table. */
export function entryOf<Entry>(table: Readonly<Record<string, Entry>>, name: unknown): Entry | undefined {
  return typeof name === 'string' && Object.hasOwn(table, name) ? table[name] : undefined
}
