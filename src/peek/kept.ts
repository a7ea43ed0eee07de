// What is asked of, or goes on from, an answer that a provider keeps.

import type { Inbound, KeptAsked } from '../contract/gateway.ts'
import type { Keeper } from '../contract/kept.ts'
import { GatewayError } from '../errors.ts'
import type { Peeked } from '../peek.ts'
import { scanJson } from '../wire/json-scan.ts'

/** Throws `response_not_found` where nobody here knows of it, since then nobody knows where to ask. */
export function peekKept(inbound: Inbound, { id, method, rest }: KeptAsked, keeper: Keeper | undefined): Peeked {
  if (!keeper) throw notKept(id)
  const { provider, wireModel } = keeper
  const ask: Peeked['ask'] = {
    ...{ endpoint: inbound.endpoint, model: `${provider}/${wireModel}`, at: { provider, wireModel }, kept: { id, keeper } },
    ...{ stream: inbound.asked.stream ?? false, needs: {}, inputTokens: 0, leastTokens: 0 },
  }
  const passage = { provider, method, path: `/${id}${rest}`, open: async () => undefined }
  return {
    ...{ ask, ingress: inbound.ingress, scan: EMPTY, carried: { passage, load: undefined, below: inbound.ingress.id } },
    ...{ written: wireModel, user: inbound.header('x-tollgate-user') },
    ...{ includeUsage: false, streamOptions: undefined, characters: undefined },
  }
}

/** The request, judged with where lies what it goes on from. */
export function goingOn(peeked: Peeked, keeper: Keeper | undefined): Peeked {
  const { id = '' } = peeked.from ?? {}
  return { ...peeked, ask: { ...peeked.ask, kept: { id, keeper } } }
}

export const notKept = (id: string): GatewayError =>
  new GatewayError(
    'response_not_found',
    `Response with id '${id}' not found. It may be older than 30 days, made with store: false, or by a model whose provider keeps none.`,
  )

const EMPTY = scanJson(Buffer.from('{}'))
