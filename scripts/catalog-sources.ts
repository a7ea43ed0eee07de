// Readers of the public lists that the catalogue is generated from: each gives a provider's models in one shape.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { calcPrice, type ModelInfo, type ModelPrice } from '@pydantic/genai-prices'
import { listAllModels, type Param } from 'modelparams'
import { picoDollars } from '../src/catalog/price.ts'
import type { Capabilities, ListedOffer, RateCard, Rates, RateVariant } from '../src/contract/catalog.ts'

type ListedPrice = NonNullable<ListedOffer['price']>

/** A provider's model as one source tells it; what the source is silent about is absent. */
export interface SourceModel {
  readonly wireModel: string
  readonly capabilities: Capabilities
  readonly context?: number
  readonly maxOutput?: number
  readonly price?: ListedPrice
  readonly deprecated?: boolean
}

const PI_AI = '@earendil-works/pi-ai@1.5.2'

/** Chat models by pi-ai's name of the provider: the freshest list. Only the JSON of the package is read, nothing of it is installed. */
export function readPiAi(): ReadonlyMap<string, readonly SourceModel[]> {
  const folder = mkdtempSync(join(tmpdir(), 'catalog-'))
  try {
    const [{ filename }] = JSON.parse(execFileSync('npm', ['pack', '--json', PI_AI], { cwd: folder, encoding: 'utf8' }))
    execFileSync('tar', ['xzf', filename], { cwd: folder })
    const data = join(folder, 'package/dist/providers/data')
    const files = readdirSync(data).filter((name) => name.endsWith('.json') && !name.startsWith('.'))
    return new Map(files.map((name) => [name.slice(0, -'.json'.length), piAiModels(JSON.parse(readFileSync(join(data, name), 'utf8')))]))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

interface PiAiModel {
  id: string
  type: string
  reasoning: boolean
  input: string[]
  cost: PiAiCost & { tiers?: (PiAiCost & { inputTokensAbove: number })[] }
  contextWindow: number
  maxTokens: number
}

/** US dollars per million tokens; a rate of 0 stands for one that was not told. */
interface PiAiCost {
  input: number
  output: number
  cacheRead: number
  cacheWrite: number
}

function piAiModels(byApi: Record<string, Record<string, PiAiModel>>): SourceModel[] {
  const models = Object.values(byApi).flatMap((list) => Object.values(list))
  return models.filter((model) => model.type === 'chat').map(piAiModel)
}

function piAiModel({ id, reasoning, input, cost, contextWindow, maxTokens }: PiAiModel): SourceModel {
  const capabilities = {
    // The list's own promise: "only includes models that support tool calling".
    tools: true,
    vision: input.includes('image'),
    reasoning,
    ...(cost.cacheRead > 0 && { caching: true }),
  }
  const tiers = cost.tiers?.map((tier) => ({ above: tier.inputTokensAbove, ...piAiRates(tier) }))
  const price = { ...piAiRates(cost), ...(tiers && { tiers }) }
  return { wireModel: id, capabilities, context: contextWindow, maxOutput: maxTokens, ...(Object.keys(price).length > 0 && { price }) }
}

function piAiRates({ input, output, cacheRead, cacheWrite }: PiAiCost): Rates {
  if (input === 0 && output === 0) return {}
  return {
    input: perMillion(input),
    output: perMillion(output),
    ...(cacheRead > 0 && { cacheRead: perMillion(cacheRead) }),
    ...(cacheWrite > 0 && { cacheWrite: perMillion(cacheWrite) }),
  }
}

/** What genai-prices knows of one exact wire model, by its own matching; undefined where it lists no rate for tokens. */
export function readGenaiPrices(providerId: string, wireModel: string, at: Date): SourceModel | undefined {
  const found = calcPrice({}, wireModel, { providerId, timestamp: at })
  if (!found) return undefined
  const { model, provider } = found
  const card = provider.id === providerId ? genaiPrice(pricesAt(model, at)) : undefined
  if (!card) return undefined
  const variants = pricesToCome(model, at)
  const price = variants.length > 0 ? { ...card, variants } : card
  return {
    wireModel,
    capabilities: { ...(price.cacheRead !== undefined && { caching: true }), ...(price.audioInput !== undefined && { audio: true }) },
    ...(model.context_window !== undefined && { context: model.context_window }),
    ...(model.deprecated && { deprecated: true }),
    price,
  }
}

/** The price in force at a date; of several that take turns by time of day the dearest, so that a budget holds at every hour. */
function pricesAt({ prices }: ModelInfo, at: Date): ModelPrice {
  if (!Array.isArray(prices)) return prices
  const dated = prices.filter(
    ({ constraint }) => !constraint || (constraint.type === 'start_date' && new Date(constraint.start_date) <= at),
  )
  const hourly = prices.filter(({ constraint }) => constraint?.type === 'time_of_date')
  const turns = [...dated.slice(-1), ...hourly].map((entry) => entry.prices)
  return turns.toSorted((a, b) => Number(b.output_mtok ?? 0) - Number(a.output_mtok ?? 0))[0] ?? {}
}

/** What is announced from a later day on. */
function pricesToCome({ prices }: ModelInfo, at: Date): RateVariant[] {
  if (!Array.isArray(prices)) return []
  return prices.flatMap(({ constraint, prices: later }) => {
    if (constraint?.type !== 'start_date' || new Date(constraint.start_date) <= at) return []
    const card = genaiPrice(later)
    return card ? [{ from: constraint.start_date, ...card }] : []
  })
}

const GENAI_RATES: Readonly<Record<string, [name: keyof Rates, power: number]>> = {
  input_mtok: ['input', 6],
  output_mtok: ['output', 6],
  cache_read_mtok: ['cacheRead', 6],
  cache_write_mtok: ['cacheWrite', 6],
  cache_write_1h_mtok: ['cacheWrite1h', 6],
  output_reasoning_mtok: ['reasoning', 6],
  input_audio_mtok: ['audioInput', 6],
  output_audio_mtok: ['audioOutput', 6],
  requests_kcount: ['request', 9],
  web_searches_kcount: ['search', 9],
}
/** Rates that an answer to a chat never incurs, or that refine another rate by too little to matter. */
const GENAI_IGNORED = new Set([
  'storage_searches_kcount',
  'cache_audio_read_mtok',
  'cache_image_read_mtok',
  'input_image_mtok',
  'input_video_mtok',
])

/** Undefined where a rate is of a kind we cannot charge: half a price would be a wrong one. */
function genaiPrice(prices: ModelPrice): RateCard | undefined {
  const price: { -readonly [Name in keyof RateCard]: RateCard[Name] } = {}
  const tiers = new Map<number, { above: number } & { -readonly [Name in keyof Rates]: number }>()
  for (const [key, value] of Object.entries(prices)) {
    const [name, power] = GENAI_RATES[key] ?? []
    if (value === undefined || GENAI_IGNORED.has(key)) continue
    if (name === undefined || power === undefined) return undefined
    price[name] = exactly(typeof value === 'number' ? value : value.base, power)
    for (const { start, price: tier } of typeof value === 'number' ? [] : value.tiers)
      tiers.set(start, { ...(tiers.get(start) ?? { above: start }), [name]: exactly(tier, power) })
  }
  if (price.input === undefined) return undefined
  return tiers.size === 0 ? price : { ...price, tiers: [...tiers.values()].sort((a, b) => a.above - b.above) }
}

/** Capabilities by `provider/model`, from the parameters that modelparams says a model takes with an API key; it never says what one lacks. */
export function readModelParams(): ReadonlyMap<string, Capabilities> {
  const models = listAllModels().filter(({ authType }) => authType === 'api_key')
  return new Map(models.map(({ provider, model, params }) => [`${provider}/${model}`, capabilitiesOf(params)]))
}

function capabilitiesOf(params: readonly Param[]): Capabilities {
  const takes = (path: string, value?: string): boolean =>
    params.some((param) => param.path === path && (value === undefined || (param.values ?? []).includes(value)))
  return {
    ...(takes('tool_choice') && { tools: true }),
    ...((takes('response_format.type', 'json_schema') || takes('text.format.type', 'json_schema')) && { json_schema: true }),
    ...(params.some(({ group }) => group === 'reasoning') && { reasoning: true }),
  }
}

const perMillion = (usd: number): number => exactly(usd, 6)

/** JavaScript prints the shortest decimal that reads back as the same number, which is the one the source wrote. */
function exactly(usd: number, power: number): number {
  return picoDollars(String(usd), power)
}
