// Prices under conditions that the sources are silent about, from the vendors' own pages: tiers of service, and hours of the day.
import type { ListedOffer, RateCard, Rates, RateVariant } from '../src/contract/catalog.ts'

type ListedPrice = NonNullable<ListedOffer['price']>

/** The price of a vendor's own offer with all its variants: those that the sources tell, hours, and tiers of service last. */
export function withVariants(provider: string, wireModel: string, price: ListedPrice): ListedPrice {
  const { variants: told = [], ...card } = price
  const variants = [...told, ...offPeak(provider, wireModel, card), ...services(provider, wireModel, card)]
  return variants.length > 0 ? { ...card, variants } : card
}

/** Tokens at half price, whatever is not a token as it is: https://developers.openai.com/api/docs/guides/flex-processing */
const FLEX: Readonly<Record<string, ReadonlySet<string>>> = {
  openai: new Set([
    ...['gpt-5', 'gpt-5-2025-08-07', 'gpt-5-mini', 'gpt-5-mini-2025-08-07', 'gpt-5-nano', 'gpt-5-nano-2025-08-07'],
    ...['gpt-5.1', 'gpt-5.1-2025-11-13', 'gpt-5.2', 'gpt-5.2-2025-12-11', 'gpt-5.4', 'gpt-5.4-2026-03-05', 'gpt-5.4-mini'],
    ...['gpt-5.4-mini-2026-03-17', 'gpt-5.4-nano', 'gpt-5.4-nano-2026-03-17', 'gpt-5.5', 'gpt-5.5-2026-04-23'],
    ...['gpt-5.6-sol', 'gpt-5.6-terra', 'gpt-5.6-luna', 'o3', 'o3-2025-04-16', 'o4-mini', 'o4-mini-2025-04-16'],
  ]),
}
/** Providers whose flexible tier costs what the usual one does: https://console.groq.com/docs/flex-processing */
const FLEX_AS_USUAL: ReadonlySet<string> = new Set(['groq'])

/** Pico-dollars a token: https://openai.com/api-priority-processing/ (without long contexts, which it excludes). */
const PRIORITY: Readonly<Record<string, Readonly<Record<string, Rates>>>> = {
  openai: {
    ...alike(['gpt-4.1', 'gpt-4.1-2025-04-14'], { input: 3_500_000, cacheRead: 875_000, output: 14_000_000 }),
    ...alike(['gpt-5', 'gpt-5-2025-08-07', 'gpt-5.1', 'gpt-5.1-2025-11-13', 'gpt-5-codex', 'gpt-5.1-codex'], {
      input: 2_500_000,
      cacheRead: 250_000,
      output: 20_000_000,
    }),
    ...alike(['gpt-5-mini', 'gpt-5-mini-2025-08-07'], { input: 450_000, cacheRead: 45_000, output: 3_600_000 }),
    ...alike(['gpt-5.2', 'gpt-5.2-2025-12-11'], { input: 3_500_000, cacheRead: 350_000, output: 28_000_000 }),
    ...alike(['gpt-5.4', 'gpt-5.4-2026-03-05'], { input: 5_000_000, cacheRead: 500_000, output: 30_000_000 }),
    ...alike(['gpt-5.4-mini', 'gpt-5.4-mini-2026-03-17'], { input: 1_500_000, cacheRead: 150_000, output: 9_000_000 }),
    ...alike(['gpt-5.5', 'gpt-5.5-2026-04-23'], { input: 12_500_000, cacheRead: 1_250_000, output: 75_000_000 }),
  },
}

function services(provider: string, wireModel: string, card: RateCard): RateVariant[] {
  const priority = PRIORITY[provider]?.[wireModel]
  return [
    ...(FLEX[provider]?.has(wireModel) ? [{ service: 'flex', ...halved(card) }] : []),
    ...(FLEX_AS_USUAL.has(provider) ? [{ service: 'flex', ...card }] : []),
    ...(priority ? [{ service: 'priority', ...priority, ...(card.search !== undefined && { search: card.search }) }] : []),
  ]
}

/** Peak hours are 1 to 4 and 6 to 10 UTC on weekdays, all others cost half: https://api-docs.deepseek.com/quick_start/pricing */
const PEAKED: Readonly<Record<string, ReadonlySet<string>>> = {
  deepseek: new Set(['deepseek-flash', 'deepseek-v4-flash', 'deepseek-v4-pro']),
}
const WEEKDAYS = [1, 2, 3, 4, 5]
const OFF_PEAK: readonly Pick<RateVariant, 'days' | 'hours'>[] = [
  { days: WEEKDAYS, hours: [0, 60] },
  { days: WEEKDAYS, hours: [240, 360] },
  { days: WEEKDAYS, hours: [600, 1440] },
  { days: [0, 6] },
]

function offPeak(provider: string, wireModel: string, card: RateCard): RateVariant[] {
  if (!PEAKED[provider]?.has(wireModel)) return []
  const half = halved(card)
  return OFF_PEAK.map((when) => ({ ...when, ...half }))
}

const PER_TOKEN: ReadonlySet<string> = new Set([
  ...['input', 'output', 'cacheRead', 'cacheWrite', 'cacheWrite1h', 'reasoning', 'audioInput', 'audioOutput'],
])

function halved({ tiers, ...rates }: RateCard): RateCard {
  const half = <R extends Rates>(full: R): R =>
    Object.fromEntries(Object.entries(full).map(([name, rate]) => [name, PER_TOKEN.has(name) ? exactHalf(rate) : rate])) as R // the same names
  return { ...half(rates), ...(tiers && { tiers: tiers.map((tier) => half(tier)) }) }
}

function exactHalf(rate: number): number {
  if (rate % 2 !== 0) throw new RangeError(`${rate} pico-dollars have no half`)
  return rate / 2
}

function alike(models: readonly string[], rates: Rates): Record<string, Rates> {
  return Object.fromEntries(models.map((model) => [model, rates]))
}
