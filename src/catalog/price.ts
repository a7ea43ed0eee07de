import type { ListedModel, ListedOffer, Rates } from '../contract/catalog.ts'

/** 1 USD per million tokens is a million pico-dollars per token. */
const PICO_PER_USD_PER_MILLION = 1_000_000
/** Above the dearest model ever sold by more than three times: what exceeds it was read in the wrong unit. */
const DEAREST_USD_PER_MILLION = 2_000

/**
 * Pico-dollars from US dollars as decimal text, times a power of ten: 6 for a price per million tokens, 12 for one per request.
 * Exact; throws RangeError for what is not a plain decimal or is finer than a pico-dollar.
 */
export function picoDollars(usd: string, power: number): number {
  const [, whole = '', fraction = ''] = /^(\d+)(?:\.(\d+))?$/.exec(usd) ?? []
  const digits = fraction.replace(/0+$/, '')
  const pico = Number(BigInt(whole + digits.padEnd(power, '0')))
  if (whole === '' || digits.length > power || !Number.isSafeInteger(pico))
    throw new RangeError(`${usd} USD is no whole number of pico-dollars`)
  return pico
}

/** The pico-dollars of a request of 3,000 tokens in and 1,000 out, to compare prices by; undefined where a rate is unknown. */
export function typicalCost(rates: Rates | undefined): number | undefined {
  if (rates?.input === undefined || rates.output === undefined) return undefined
  return rates.input * 3_000 + rates.output * 1_000 + (rates.request ?? 0)
}

/** What is implausible about a list of prices: none, or a sentence each. Catches a snapshot read in the wrong unit before it bills anyone. */
export function priceTroubles(models: readonly ListedModel[]): string[] {
  const offers = models.flatMap((model) => model.offers)
  const troubles = offers.flatMap(({ provider, wireModel, price }) =>
    [...cardsOf(price).flatMap(rateTroubles), ...strays(price)].map((trouble) => `${provider}/${wireModel}: ${trouble}`),
  )
  const inputs = offers
    .map(({ price }) => price?.input ?? 0)
    .filter((rate) => rate > 0)
    .sort((a, b) => a - b)
  const median = (inputs[inputs.length >> 1] ?? 0) / PICO_PER_USD_PER_MILLION
  if (inputs.length > 0 && (median < 0.01 || median > 20)) troubles.push(`half of all input costs ${median} USD per million tokens or more`)
  return troubles
}

/** Every set of rates that a price may come to. */
export function cardsOf(price: ListedOffer['price']): readonly Rates[] {
  return [price, ...(price?.variants ?? [])].flatMap((card) => (card ? [card, ...(card.tiers ?? [])] : []))
}

/** What a longer prompt, a tier of service or an hour makes of a price is a part or a multiple of it, never next to nothing. */
function strays(price: ListedOffer['price']): string[] {
  const off = (is: number | undefined, plain: number | undefined) =>
    is !== undefined && plain !== undefined && (is * MOST_OFF < plain || is > plain * MOST_OFF)
  const derived = [
    ...(price?.tiers ?? []).map((tier) => [`above ${tier.above} tokens it`, { ...price, ...tier }] as const),
    ...(price?.variants ?? []).map((variant, at) => [`variant ${at + 1}`, variant] as const),
  ]
  return derived.flatMap(([what, { input, output }]) =>
    off(input, price?.input) || off(output, price?.output) ? [`${what} is more than ${MOST_OFF} times off its price`] : [],
  )
}

const MOST_OFF = 20

const PER_TOKEN = [
  'input',
  'output',
  'cacheRead',
  'cacheWrite',
  'cacheWrite1h',
  'reasoning',
  'audioInput',
  'audioOutput',
  'character',
] as const
const PER_PIECE = ['request', 'image', 'second', 'search'] as const
const DEAREST_PIECE_USD = 10

function rateTroubles(rates: Rates): string[] {
  return [
    ...PER_TOKEN.map((name) => [name, rates[name], DEAREST_USD_PER_MILLION * PICO_PER_USD_PER_MILLION] as const),
    ...PER_PIECE.map((name) => [name, rates[name], DEAREST_PIECE_USD * 1e12] as const),
  ].flatMap(([name, rate, dearest]) =>
    rate === undefined || (Number.isSafeInteger(rate) && rate >= 0 && rate <= dearest) ? [] : [`${name} of ${rate} pico-dollars`],
  )
}
