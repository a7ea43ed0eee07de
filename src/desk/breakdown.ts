import { tenantId } from '../contract/ids.ts'
import type { AttemptRow } from '../contract/ledger.ts'
import type { UsageSum } from '../contract/store.ts'
import { GatewayError } from '../errors.ts'
import { type BookedQuery, bookedAttempts } from './booked.ts'
import type { Desk } from './desk.ts'

/** What usage can be told apart by. */
export const DIMENSIONS = ['day', 'tenant', 'key', 'provider', 'model', 'source', 'tag'] as const

export type Dimension = (typeof DIMENSIONS)[number]

/** Told by the rows of the books alone. */
export const readsRows = (by: readonly Dimension[]): boolean => !by.every((dimension) => BY_SUMS.includes(dimension))

/** As the hourly sums have it. */
export const BY_SUMS: readonly Dimension[] = ['day', 'tenant', 'provider', 'model', 'source']

export type Figures = Pick<UsageSum, 'requests' | 'input' | 'output' | 'cost' | 'charge' | 'unpriced' | 'cached' | 'saved'>

/** Where something was used: of each dimension asked for its value; null for a request without any tag. */
export type Place = Readonly<Partial<Record<Dimension, string | null>>>

export interface UsageGroup {
  readonly place: Place
  /** Undefined where the tenant is gone, and where tenants are not told apart. */
  readonly slug: string | undefined
  readonly figures: Figures
}

export interface Breakdown {
  /** In the order of their places. */
  readonly groups: readonly UsageGroup[]
  /** Each attempt once, however many tags it has. */
  readonly total: Figures
}

/**
 * Adds up what providers processed. Where the hourly sums tell apart what is asked, they are read; keys and tags stand in the rows of
 * the books alone, so for these every row of the period is read, and its memory is that of the answer.
 */
export async function breakDown(desk: Desk, by: readonly Dimension[], asked: BookedQuery & { readonly most?: number }): Promise<Breakdown> {
  const groups = new Groups(by)
  if (!readsRows(by)) {
    const { tenant, from, to } = asked
    const sums = await desk.store.ledger.usage({ from, to, ...(tenant !== undefined && { tenant }) })
    for (const sum of sums) groups.add([{ ...sum, model: sum.wireModel }], sum)
  } else {
    let rows = 0
    for await (const row of bookedAttempts(desk.store.ledger, asked)) {
      if (++rows > (asked.most ?? rows)) throw tooMuch(asked.most)
      if (row.state === 'settled' || row.state === 'estimated') groups.add(placesOf(row), figuresOf(row))
      if (groups.size > MOST_GROUPS) throw tooMany()
    }
  }
  return { groups: groups.all((id) => desk.directory.tenantById(tenantId(id))?.slug), total: groups.total }
}

function placesOf({ start }: AttemptRow): readonly Place[] {
  const { at, tenant, key, provider, wireModel: model, source } = start
  const place = { day: new Date(at).toISOString().slice(0, 10), tenant, key, provider, model, source }
  const tags = new Set(start.tags)
  return tags.size === 0 ? [{ ...place, tag: null }] : [...tags].map((tag) => ({ ...place, tag }))
}

/** As the hourly sums count: what is unknown adds nothing, and is told of as unpriced. */
function figuresOf({ start: { cached }, outcome, cost, charge }: AttemptRow): Figures {
  const { input, output } = outcome?.usage ?? {}
  const unpriced = Number.isSafeInteger(cost) ? 0 : 1
  return {
    ...{ requests: 1, input: whole(input), output: whole(output), cost: BigInt(whole(cost)), charge: BigInt(whole(charge)), unpriced },
    ...{ cached: cached ? 1 : 0, saved: BigInt(whole(cached?.saved)) },
  }
}

const whole = (figure: number | null | undefined): number => (Number.isSafeInteger(figure) ? (figure ?? 0) : 0)

const NOTHING: Figures = { requests: 0, input: 0, output: 0, cost: 0n, charge: 0n, unpriced: 0, cached: 0, saved: 0n }

const plus = (one: Figures, other: Figures): Figures => ({
  requests: one.requests + other.requests,
  input: one.input + other.input,
  output: one.output + other.output,
  cost: one.cost + other.cost,
  charge: one.charge + other.charge,
  unpriced: one.unpriced + other.unpriced,
  cached: one.cached + other.cached,
  saved: one.saved + other.saved,
})

/** Callers choose tags, so their number has an end. */
const MOST_GROUPS = 50_000

class Groups {
  total = NOTHING
  readonly #by: readonly Dimension[]
  readonly #figures = new Map<string, Figures>()

  constructor(by: readonly Dimension[]) {
    this.#by = by
  }

  /** In several places at once, where only tags are several: none is added to one place twice. */
  add(places: readonly Place[], figures: Figures): void {
    this.total = plus(this.total, figures)
    for (const name of new Set(places.map((place) => this.#nameOf(place)))) {
      this.#figures.set(name, plus(this.#figures.get(name) ?? NOTHING, figures))
    }
  }

  get size(): number {
    return this.#figures.size
  }

  all(slugOf: (tenant: string) => string | undefined): readonly UsageGroup[] {
    return [...this.#figures.keys()].toSorted(inOrder).map((name) => {
      const values: (string | null)[] = JSON.parse(name)
      const place: Place = Object.fromEntries(this.#by.map((dimension, at) => [dimension, values[at]]))
      return { place, slug: slugOf(place.tenant ?? ''), figures: this.#figures.get(name) ?? NOTHING }
    })
  }

  #nameOf(place: Place): string {
    return JSON.stringify(this.#by.map((dimension) => place[dimension] ?? null))
  }
}

const inOrder = (one: string, other: string): number => (one < other ? -1 : 1)

const tooMuch = (most: number | undefined): GatewayError =>
  new GatewayError('invalid_value', `More than ${most} requests lie in that period: ask for a shorter one, or without key and tag.`, {
    param: 'from',
  })

const tooMany = (): GatewayError =>
  new GatewayError(
    'invalid_value',
    `That makes more than ${MOST_GROUPS} rows: ask for a shorter period, one tenant, or fewer dimensions.`,
    {
      param: 'by',
    },
  )
