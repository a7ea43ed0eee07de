/** The fields that say something: neither absent nor null. */
export function told<Value extends object>(value: Value): Value {
  return Object.fromEntries(Object.entries(value).filter(([, said]) => (said ?? null) !== null)) as Value // the rest is optional
}
