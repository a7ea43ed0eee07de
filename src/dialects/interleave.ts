/** Something that must come back where it stood among all that was said. */
export interface Placed<Item> {
  readonly block: Item
  /** How many items came before it. */
  readonly place: number
}

/** All items of a turn in the order in which they came. */
export function interleave<Item>(placed: readonly Placed<Item>[], said: readonly Item[]): Item[] {
  const items: Item[] = []
  let next = 0
  for (const { block, place } of placed) {
    const before = said.slice(next, next + Math.max(place - items.length, 0))
    next += before.length
    items.push(...before, block)
  }
  return [...items, ...said.slice(next)]
}
