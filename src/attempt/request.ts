import { filled } from '../contract/credential-schema.ts'
import type { Credential, Offer } from '../contract/decision.ts'
import type { UpstreamCall } from '../contract/dialect.ts'
import { wordsOf } from '../contract/edits.ts'
import type { Inbound } from '../contract/gateway.ts'
import { HOP_HEADER, withHop } from '../contract/hop.ts'
import type { Provider } from '../contract/provider.ts'
import type { UpstreamRequest } from '../contract/upstream.ts'
import { GatewayError } from '../errors.ts'
import type { Lane } from '../lane.ts'
import type { Turn } from '../turn.ts'
import { streamTypeOf } from './framing.ts'
import { authOf } from './proof.ts'

/**
 * The request to the provider, its headers made new: nothing a client sent is passed on but what is listed here. The host comes from the
 * registry, the operator, or a key's own guarded endpoint.
 */
export function requestOf({ gateway, inbound, peeked, caller }: Turn, offer: Offer, lane: Lane): UpstreamRequest {
  const { provider, credential, wireModel } = offer
  const { stream } = peeked.ask
  const endpoint = credential.fields?.endpoint
  return {
    provider,
    baseUrl: baseUrlOf(provider, credential),
    path: pathOf(provider, { model: wireModel, stream }, credential),
    method: 'POST',
    headers: {
      ...provider.headers,
      ...passedOn(inbound, provider),
      ...framingOf(lane.body),
      accept: provider.dialect.bytes ? '*/*' : stream ? streamTypeOf(provider.dialect) : 'application/json',
      'accept-encoding': 'identity',
      'user-agent': 'tollgate',
      [HOP_HEADER]: withHop(gateway.instance, inbound.header(HOP_HEADER)),
      ...authOf(provider, credential),
    },
    body: 'stream' in lane.body ? lane.body.stream : lane.body,
    deadlines: provider.deadlines ? { ...gateway.deadlines, ...provider.deadlines } : gateway.deadlines,
    stream,
    ...(endpoint !== undefined && { guardedFor: caller.tenant.id }),
  }
}

function framingOf(body: Lane['body']): Record<string, string> {
  if (Buffer.isBuffer(body)) return { 'content-type': 'application/json' }
  const { contentType, length } = 'stream' in body ? body : { contentType: 'application/json', length: sizeOf(body) }
  return { 'content-type': contentType, ...(length !== undefined && { 'content-length': String(length) }) }
}

const sizeOf = (pieces: readonly Buffer[]): number => pieces.reduce((sum, { length }) => sum + length, 0)

/** Headers that are part of a dialect, from a client that speaks the provider's own. */
function passedOn(inbound: Inbound, { dialect }: Provider): Record<string, string> {
  const passed: Record<string, string> = {}
  if (inbound.ingress.id !== dialect.id) return passed
  const { listed } = dialect.edits
  for (const name of dialect.headers ?? []) {
    const said = inbound.header(name)
    const value = said !== undefined && listed?.header === name ? wordsOf(listed, said).taken.join(',') : said
    if (value) passed[name] = value
  }
  return passed
}

/** Base URLs are written with and without the version that a dialect's path begins with, as its clients do; it is sent once. */
export function pathOf(provider: Provider, call: UpstreamCall, credential: Credential): string {
  const path = provider.credentials ? filled(provider.dialect.path(call), credential.fields ?? {}) : provider.dialect.path(call)
  return path.startsWith('/v1/') && /\/v1\/?$/.test(baseUrlOf(provider, credential)) ? path.slice('/v1'.length) : path
}

export function baseUrlOf(provider: Provider, credential: Credential): string {
  const url = originalUrlOf(provider, credential)
  return provider.basePath === undefined ? url : new URL(provider.basePath, `${url}/`).href.replace(/\/$/, '')
}

function originalUrlOf(provider: Provider, credential: Credential): string {
  const address = addressOf(provider, credential)
  return provider.credentials ? filled(address, credential.fields ?? {}) : address
}

function addressOf(provider: Provider, { fields }: Credential): string {
  if (fields?.endpoint !== undefined) return fields.endpoint
  if (fields?.region !== undefined && provider.regions) {
    const regional = provider.regions[fields.region]
    if (regional !== undefined) return regional
    if (provider.credentials && provider.baseUrl !== undefined) return provider.baseUrl
    const known = Object.keys(provider.regions).join(', ')
    throw new GatewayError(
      'credential_unreadable',
      `The stored key names the region ${fields.region}, and ${provider.name} has ${known}: store it again.`,
      { retry: false },
    )
  }
  if (provider.baseUrl !== undefined || provider.builtin) return provider.baseUrl ?? ''
  throw new GatewayError('provider_unavailable', `${provider.name} has no address: give it a base_url in providers.yaml.`, { retry: false })
}
