import type { Step } from '../contract/dialect.ts'

/** One stage after the other; what the first still owes at its end goes through the second. */
export function pipe<A, B, C>(first: Step<A, B>, second: Step<B, C>): Step<A, C> {
  const through = (items: readonly B[]): readonly C[] => items.flatMap((item) => second.push(item))
  return {
    push: (item) => through(first.push(item)),
    end: () => [...through(first.end()), ...second.end()],
  }
}

/** A stage that remembers nothing: each item on its own. */
export function each<In, Out>(convert: (item: In) => Out): Step<In, Out> {
  return { push: (item) => [convert(item)], end: () => [] }
}
