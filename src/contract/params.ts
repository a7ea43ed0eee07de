import type { ParamFate, UpstreamDialect } from './dialect.ts'
import type { Hub, HubRequest } from './family.ts'
import type { Quirks } from './quirks.ts'

type Fates = Pick<UpstreamDialect<Hub>, 'params' | 'unlisted' | 'onlyWith' | 'lostOn'>

/** The parameters of this request that do not reach a provider of this dialect, for `x-tollgate-params-dropped`. */
export function paramsDropped(chat: HubRequest, dialect: Fates, quirks: Quirks = {}): string[] {
  const refusedByProvider = Object.keys(chat).filter(
    (name) => !takes(quirks, name) && !isUsual(name, chat[name]) && dialect.params[name] === 'mapped' && asks(chat, name),
  )
  const untold = [...notUnderstood(dialect, quirks), ...(dialect.lostOn?.(chat, quirks) ?? [])].filter((name) => asks(chat, name))
  return [...fated(chat, dialect, 'dropped'), ...refusedByProvider, ...untold]
}

/** The parameters that a dialect takes only from providers of another kind than this one. */
export function notUnderstood({ onlyWith = {} }: Fates, quirks: Quirks): string[] {
  return Object.entries(onlyWith).flatMap(([name, some]) => (some.some((quirk) => quirks[quirk] === true) ? [] : [name]))
}

/** The parameters of this request that would change the answer's meaning if they were left out: answer 400 and name them. */
export function paramsRefused(chat: HubRequest, dialect: Fates): string[] {
  return fated(chat, dialect, 'refused')
}

/** Whether this provider takes a top-level parameter that its dialect knows. */
export function takes(quirks: Quirks, name: string): boolean {
  return !refusedBy(quirks).includes(name)
}

/** Top-level parameters that this provider is known to refuse. */
export function refusedBy({ unsupportedParams = [], supportsTemperature }: Quirks): readonly string[] {
  return supportsTemperature === false ? [...unsupportedParams, ...SAMPLING] : unsupportedParams
}

const SAMPLING = ['temperature', 'top_p', 'top_k']

/** What a model samples by anyway is taken by those, too, that refuse to be told. */
export function isUsual(name: string, value: unknown): boolean {
  return (name === 'temperature' || name === 'top_p') && value === 1
}

function fated(chat: HubRequest, { params, unlisted = 'dropped' }: Fates, fate: ParamFate): string[] {
  const listed = Object.keys(params).filter((name) => params[name] === fate && asks(chat, name))
  if (unlisted !== fate) return listed
  return [...listed, ...Object.keys(chat).filter((name) => !Object.hasOwn(params, name) && says(chat[name]))]
}

/** Clients send defaults by habit; one that asks for what happens anyway is neither missed nor refused. */
const DEFAULTS: Readonly<Record<string, string>> = {
  background: 'false',
  frequency_penalty: '0',
  include: '[]',
  logit_bias: '{}',
  logprobs: 'false',
  metadata: '{}',
  modalities: '["text"]',
  n: '1',
  parallel_tool_calls: 'true',
  presence_penalty: '0',
  reasoning_summary: '"auto"',
  service_tier: '"auto"',
  store: 'false',
  tool_choice: '"auto"',
  truncation: '"disabled"',
  verbosity: '"medium"',
  'messages.content.image_url.detail': '"auto"',
  'messages.prefix': 'false',
  'tools.freeform': '{}',
  'tools.function.strict': 'false',
}

function asks(chat: HubRequest, name: string): boolean {
  const usual = DEFAULTS[name]
  return valuesAt(chat, name).some((value) => says(value) && (usual === undefined || JSON.stringify(value) !== usual))
}

function says(value: unknown): boolean {
  return value !== undefined && value !== null && value !== ''
}

function valuesAt(chat: HubRequest, path: string): unknown[] {
  const step = (found: unknown[], key: string): unknown[] => found.flat().map((value) => fieldOf(value, key))
  return path.split('.').reduce(step, [chat])
}

function fieldOf(value: unknown, key: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined
  const { [key]: field, reasoning_details: marked }: Record<string, unknown> = { ...value }
  // Plain thoughts are no loss where they come again with their marks.
  return key === 'reasoning_content' && Array.isArray(marked) && marked.length > 0 ? undefined : field
}
