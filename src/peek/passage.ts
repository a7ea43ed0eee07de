// What judging must know of a request for a provider's own API: which of the provider's models it names, if one alone.

import type { Snapshot } from '../contract/decision.ts'
import type { UpstreamDialect } from '../contract/dialect.ts'
import type { Hub } from '../contract/family.ts'
import type { Inbound, Sizes } from '../contract/gateway.ts'
import type { Load, Passage } from '../contract/passage.ts'
import type { Provider } from '../contract/provider.ts'
import { GatewayError } from '../errors.ts'
import type { Carried, Peeked } from '../peek.ts'
import { belowBase } from '../wire/base-path.ts'
import { type JsonScan, readField, scanJson } from '../wire/json-scan.ts'

/** Throws `not_found` where there is no such provider, `invalid_value` where two models are named, and what the body's scan throws. */
export async function peekPassage(inbound: Inbound, passage: Passage, within: { snapshot: Snapshot; sizes: Sizes }): Promise<Peeked> {
  const provider = providerOf(passage, within.snapshot)
  const load = await passage.open()
  const scan = scanOf(load, within.sizes)
  const path = belowBase(provider.baseUrl ?? 'http://self', passage.path)
  const wireModel = modelOf(path, { provider, scan, load })
  const spoken = spokenAt(path, { provider, wireModel })
  const stream = spoken?.stream ?? readField(scan, 'stream') === true
  const carried: Carried = {
    passage,
    load,
    // Reading what is kept costs nothing, though it may tell once more what making it has cost.
    ...(spoken && passage.method === 'POST' && { dialect: spoken.dialect }),
  }
  return {
    ask: {
      endpoint: inbound.endpoint,
      model: `${passage.provider}/${wireModel ?? '*'}`,
      at: { provider: passage.provider, ...(wireModel !== undefined && { wireModel }) },
      stream,
      needs: {},
      inputTokens: wireModel === undefined ? 0 : Math.ceil(scan.body.length / BYTES_PER_TOKEN),
      leastTokens: 0,
      ...(inbound.header('x-tollgate-pay') === 'tenant' && { pay: 'tenant' }),
    },
    ...{ ingress: inbound.ingress, scan, carried, written: wireModel, user: inbound.header('x-tollgate-user') },
    ...{ includeUsage: false, streamOptions: undefined, characters: undefined },
  }
}

const BYTES_PER_TOKEN = 4
const EMPTY = scanJson(Buffer.from('{}'))

function providerOf({ provider: id }: Passage, snapshot: Snapshot): Provider {
  const { candidates, because } = snapshot.at({ provider: id })
  const [candidate] = candidates
  if (candidate) return candidate.provider
  throw new GatewayError('not_found', because ?? `There is no provider ${id}: the part of a model's name before the slash names one.`)
}

function scanOf(load: Load | undefined, { jsonDepth, jsonTokens }: Sizes): JsonScan {
  if (!load || !Buffer.isBuffer(load.body)) return EMPTY
  return scanJson(load.body, { limits: { depth: jsonDepth, tokens: jsonTokens }, marks: ['model'] })
}

interface Named {
  readonly provider: Provider
  readonly scan: JsonScan
  readonly load: Load | undefined
}

/**
 * The one model that the request names, in its path, its form or at the top of its JSON. Undefined where it names none, or some deeper down
 * as batches do: then the provider is judged as a whole.
 */
function modelOf(path: string, { provider, scan, load }: Named): string | undefined {
  const place = placeOf(path)
  const inPath = dialectsOf(provider).map((dialect) => dialect.modelIn?.(place))
  const written = load?.model ?? readField(scan, 'model')
  if (written !== undefined && written !== null && typeof written !== 'string')
    throw new GatewayError('invalid_value', 'The field model must be a string.', { param: 'model' })
  const named = new Set([...inPath, written ? plainName(provider, written) : undefined].filter((name) => name !== undefined))
  if (named.size > 1) {
    throw new GatewayError('invalid_value', `The request names two models, ${[...named].join(' and ')}: name one.`, { param: 'model' })
  }
  return scan.marks.some(({ at }) => isText(scan.body, at)) ? undefined : [...named][0]
}

/** Where a format writes `models/x` for x, a body does as the path does. */
function plainName(provider: Provider, written: string): string {
  return dialectsOf(provider).reduce((name, dialect) => dialect.modelIn?.(`/${name}`) ?? name, written)
}

/** Whether the value of the key at this place is a string: a model's name, where a tool's parameter of that name is described by an object. */
function isText(body: Buffer, at: number): boolean {
  let next = body.indexOf(QUOTE, at + 1) + 1
  while (BLANK.has(body[next])) next++
  return body[next] === QUOTE
}

const QUOTE = 0x22
/** White space, and the colon between a key and its value. */
const BLANK: ReadonlySet<number | undefined> = new Set([0x20, 0x09, 0x0a, 0x0d, 0x3a])

interface Spoken {
  readonly dialect: UpstreamDialect<Hub>
  readonly stream: boolean | undefined
}

/** The dialect whose place this is, so that its usage can be read; how it is asked for a stream, where the path tells. */
function spokenAt(path: string, { provider, wireModel = '' }: { provider: Provider; wireModel: string | undefined }): Spoken | undefined {
  for (const dialect of dialectsOf(provider, wireModel)) {
    const [streamed, whole] = [true, false].map((stream) =>
      placeOf(belowBase(provider.baseUrl ?? 'http://self', dialect.path({ model: wireModel, stream }))),
    )
    const place = placeOf(path)
    if (place === streamed || place === whole) return { dialect, stream: streamed === whole ? undefined : place === streamed }
  }
  return undefined
}

/** Without its query, decoded: whoever made the passage has seen that it can be. */
const placeOf = (path: string): string => decodeURIComponent(path.split('?', 1)[0] ?? '')

/** The dialects spoken right below the base URL, by this model where one is given. */
function dialectsOf({ dialect, also }: Provider, wireModel?: string): readonly UpstreamDialect<Hub>[] {
  const below = also.filter(({ basePath }) => basePath === undefined)
  const reached = below.filter(({ models }) => wireModel === undefined || (models?.test(wireModel) ?? true))
  return [dialect, ...reached.map((speech) => speech.dialect)]
}
