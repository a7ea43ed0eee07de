/**
 * The items in an order of its own for each seed, such that over all seeds each comes first in proportion to its weight, and taking one
 * away moves only the seeds it came first for: weighted rendezvous hashing (Thaler and Ravishankar, "A Name-Based Mapping Scheme for
 * Rendezvous", 1996; weights after Schindelhauer and Schomaker, "Weighted Distributed Hash Tables", 2005). Without weight: last, as given.
 */
export function drawn<Item extends { readonly weight: number }>(
  items: readonly Item[],
  nameOf: (item: Item) => string,
  seed: string,
): Item[] {
  return items
    .map((item) => ({
      item,
      luck: item.weight === 0 ? Number.POSITIVE_INFINITY : -Math.log(share(`${seed}\0${nameOf(item)}`)) / item.weight,
    }))
    .sort((a, b) => (a.luck === b.luck ? 0 : a.luck - b.luck))
    .map(({ item }) => item)
}

/** A number between 0 and 1 that hangs on every character: FNV-1a, its bits mixed as MurmurHash3 ends. Not for secrets. */
function share(text: string): number {
  let hash = 0x811c9dc5
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193)
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (((hash ^ (hash >>> 16)) >>> 0) + 0.5) / 2 ** 32
}
