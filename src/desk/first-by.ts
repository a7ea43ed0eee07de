/**
 * The first `limit` by name, in one pass: to sort a hundred thousand for one page would hold up every stream for a tenth of a second.
 */
export function firstBy<Item>(items: Iterable<Item>, limit: number, nameOf: (item: Item) => string): Item[] {
  const first: Item[] = []
  for (const item of items) {
    const name = nameOf(item)
    const last = first.at(-1)
    if (last !== undefined && first.length >= limit && name >= nameOf(last)) continue
    const at = first.findLastIndex((other) => nameOf(other) < name) + 1
    first.splice(at, 0, item)
    if (first.length > limit) first.pop()
  }
  return first
}
