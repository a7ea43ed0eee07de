import type { ListedModel, ListedOffer, Rates } from '../contract/catalog.ts'
import type { CatalogSnapshot, JudgeList, RefreshReport } from '../contract/refresh.ts'
import { cardsOf, priceTroubles } from './price.ts'
import { readSnapshot, UnreadableList } from './snapshot-file.ts'

/** Bytes. The shipped list has a third of a megabyte. */
export const MOST_BYTES = 16 * 1024 * 1024
/** Of the models and of the prices in force: a list with fewer was cut, or is another list. */
const LEAST_SHARE = 0.5
const MOST_TIMES = 10
const TOLD = 20

/** Judges price lists against what is in force, the operator's own word left aside: what an operator said is not a list's to repeat. */
export function listJudge(inForce: () => CatalogSnapshot): JudgeList {
  return ({ source, text, accept }) => {
    const read = readOffered(text)
    if ('because' in read) return { report: { ...nothing(source), because: read.because }, brought: undefined }
    const current = inForce()
    const troubles = [
      ...tooOld(current, read),
      ...tooFew(current.models, read.models),
      ...some(priceTroubles(read.models)),
      ...some(leaps(current.models, read.models, accept)),
    ]
    const report = compared(source, current.models, read)
    if (troubles.length > 0) return { report: { ...report, verdict: 'refused', because: troubles }, brought: undefined }
    if (read.snapshot === current.snapshot) return { report: { ...report, verdict: 'unchanged' }, brought: undefined }
    return { report, brought: read }
  }
}

function readOffered(text: string): CatalogSnapshot | { readonly because: readonly string[] } {
  if (Buffer.byteLength(text) > MOST_BYTES) return { because: [`It has more than ${MOST_BYTES >> 20} MiB.`] }
  try {
    return readSnapshot(text)
  } catch (error) {
    if (error instanceof UnreadableList) return { because: error.reasons }
    throw error
  }
}

const nothing = (source: string): RefreshReport => ({
  ...{ source, verdict: 'refused', snapshot: undefined, models: 0, offers: 0, added: [], silent: [], repriced: [], because: [] },
})

function compared(source: string, current: readonly ListedModel[], { snapshot, models }: CatalogSnapshot): RefreshReport {
  const known = new Set(current.map(({ id }) => id))
  const told = new Set(models.map(({ id }) => id))
  const before = offersOf(current)
  const repriced = [...offersOf(models)].filter(
    ([name, { price }]) => price && before.has(name) && !samePrice(before.get(name)?.price, price),
  )
  return {
    ...{ source, verdict: 'taken', snapshot, models: models.length, offers: offersOf(models).size },
    added: models.flatMap(({ id }) => (known.has(id) ? [] : [id])),
    silent: current.flatMap(({ id }) => (told.has(id) ? [] : [id])),
    repriced: repriced.map(([name]) => name),
    because: [],
  }
}

/** What a later release ships must not be undone by a list that was made before it. */
function tooOld(current: CatalogSnapshot, offered: CatalogSnapshot): string[] {
  const older = current.built !== undefined && offered.built !== undefined && offered.built < current.built
  return older ? [`It was made on ${offered.built}, before the one in force (${current.built}).`] : []
}

function tooFew(current: readonly ListedModel[], offered: readonly ListedModel[]): string[] {
  const prices = (models: readonly ListedModel[]) => [...offersOf(models).values()].filter(({ price }) => price).length
  const counts = [
    ['models', offered.length, current.length],
    ['prices', prices(offered), prices(current)],
  ] as const
  return counts.flatMap(([what, are, were]) =>
    are < were * LEAST_SHARE ? [`It has ${are} ${what}, and ${were} are in force: fewer than half cannot be the whole list.`] : [],
  )
}

/** A price that is ten times another, or begins or ceases to be free, is a wrong unit more often than news. */
function leaps(current: readonly ListedModel[], offered: readonly ListedModel[], accept: readonly string[]): string[] {
  const before = offersOf(current)
  return [...offersOf(offered)].flatMap(([name, { price }]) => {
    const [was] = cardsOf(before.get(name)?.price)
    const [is] = cardsOf(price)
    if (!was || !is || accept.includes(name)) return []
    const lost = NEEDED.find((rate) => was[rate] !== undefined && is[rate] === undefined)
    if (lost !== undefined) return [`${name}: ${lost} is not told any more, so no call of it could be priced.`]
    const leap = RATES.find((rate) => leapt(was[rate], is[rate]))
    if (leap === undefined) return []
    return [
      `${name}: ${leap} goes from ${was[leap]} to ${is[leap]} pico-dollars, more than ${MOST_TIMES} times; accept it by name if it is true.`,
    ]
  })
}

const NEEDED = ['input', 'output'] as const

const RATES = [
  ...['input', 'output', 'cacheRead', 'cacheWrite', 'cacheWrite1h', 'reasoning', 'audioInput', 'audioOutput'],
  ...['request', 'image', 'second', 'character', 'search'],
] as readonly (keyof Rates)[]

function leapt(was: number | undefined, is: number | undefined): boolean {
  if (was === undefined || is === undefined || was === is) return false
  return was === 0 || is === 0 || is > was * MOST_TIMES || was > is * MOST_TIMES
}

function offersOf(models: readonly ListedModel[]): ReadonlyMap<string, ListedOffer> {
  return new Map(models.flatMap(({ offers }) => offers.map((offer) => [`${offer.provider}/${offer.wireModel}`, offer] as const)))
}

function samePrice(a: ListedOffer['price'], b: ListedOffer['price']): boolean {
  const [first, second] = [cardsOf(a), cardsOf(b)]
  return first.length === second.length && first.every((rates, at) => RATES.every((rate) => rates[rate] === second[at]?.[rate]))
}

/** The first of many reasons, and how many more there are. */
function some(reasons: readonly string[]): string[] {
  return reasons.length <= TOLD ? [...reasons] : [...reasons.slice(0, TOLD), `And ${reasons.length - TOLD} more like these.`]
}
