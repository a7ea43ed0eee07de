/** Files say `first_byte`, code says `firstByte`. */
export type CamelKeys<T> = { [Key in keyof T as Camel<Key>]: T[Key] }

type Camel<Key> = Key extends `${infer Head}_${infer Tail}` ? `${Head}${Capitalize<Camel<Tail>>}` : Key

/** The same values under the names that code has for them; one level deep. */
export function camelKeys<T extends object>(written: T): CamelKeys<T> {
  const entries = Object.entries(written).map(([key, value]) => [
    key.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase()),
    value,
  ])
  // The type's renaming and the expression's are the same rule.
  return Object.fromEntries(entries) as CamelKeys<T>
}
