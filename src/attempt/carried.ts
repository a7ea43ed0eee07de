import type { Offer } from '../contract/decision.ts'
import type { Inbound } from '../contract/gateway.ts'
import { HOP_HEADER, withHop } from '../contract/hop.ts'
import type { Provider } from '../contract/provider.ts'
import type { UpstreamRequest } from '../contract/upstream.ts'
import type { Carried } from '../peek.ts'
import type { Turn } from '../turn.ts'
import { belowBase } from '../wire/base-path.ts'
import { authOf } from './proof.ts'
import { baseUrlOf, pathOf } from './request.ts'

/** The request for a provider's own API: its body and path as they came, its headers made new. */
export function carriedRequest(
  { gateway, inbound, peeked, caller }: Turn,
  { provider, credential, wireModel }: Offer,
  { passage, load, below }: Carried,
): UpstreamRequest {
  const baseUrl = baseUrlOf(provider, credential)
  const endpoint = credential.fields?.endpoint
  return {
    provider,
    baseUrl,
    path:
      below === undefined
        ? belowBase(baseUrl, passage.path)
        : pathOf(provider, { model: wireModel, stream: peeked.ask.stream }, credential) + passage.path,
    method: passage.method,
    headers: {
      ...provider.headers,
      ...passedOn(inbound, provider),
      ...(load?.length !== undefined && { 'content-length': String(load.length) }),
      'accept-encoding': 'identity',
      'user-agent': 'tollgate',
      [HOP_HEADER]: withHop(gateway.instance, inbound.header(HOP_HEADER)),
      ...authOf(provider, credential),
    },
    body: load?.body,
    deadlines: provider.deadlines ? { ...gateway.deadlines, ...provider.deadlines } : gateway.deadlines,
    stream: peeked.ask.stream,
    unbounded: true,
    ...(endpoint !== undefined && { guardedFor: caller.tenant.id }),
  }
}

/** What tells of the body or the answer, and what belongs to a dialect the provider speaks. */
function passedOn(inbound: Inbound, { dialect, also }: Provider): Record<string, string> {
  const passed: Record<string, string> = {}
  const ofDialects = [dialect, ...also.map((speech) => speech.dialect)].flatMap(({ headers = [] }) => headers)
  for (const name of ['accept', 'content-type', 'range', ...ofDialects]) {
    const value = inbound.header(name)
    if (value !== undefined) passed[name] = value
  }
  return passed
}
