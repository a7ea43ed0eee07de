// THE PAGE: the life of a request.

import { cached } from './again/cached.ts'
import { once } from './again/once.ts'
import { attempt } from './attempt/attempt.ts'
import type { Caller } from './contract/caller.ts'
import type { Client, Gateway, Hold, Inbound } from './contract/gateway.ts'
import { decide, survey } from './decide.ts'
import { GatewayError } from './errors.ts'
import { explain, refusal } from './explain/explain.ts'
import { type Asked, questionOf, recalled } from './explain/question.ts'
import { judged } from './failover/fallback.ts'
import { refusedHeaders } from './headers.ts'
import { lookInto } from './peek/inbound.ts'
import { withTraits } from './peek/traits.ts'
import { type Asking, placed, type Turn } from './turn.ts'

/** Answers one request of an app. Rejects with a `GatewayError` while nothing has been sent; afterwards the stream itself tells. */
export async function answer(gateway: Gateway, inbound: Inbound, client: Client): Promise<void> {
  const caller = callerOf(gateway, inbound) // 401, 400, 403, 404
  if (gateway.limits.hasItsShare(caller)) throw tooMuch(caller) // 503
  const peeked = await lookInto(gateway, inbound, caller) // 400, 413: model, stream, limits, tools; nothing else is parsed
  await once({ gateway, inbound, client, caller, peeked }, serve) // 409: what has an idempotency key was asked before
}

async function serve(asking: Asking): Promise<void> {
  const { gateway, inbound, client, caller } = asking
  const snapshot = gateway.snapshot()
  const asked = withTraits(asking.peeked, inbound, { caller, snapshot })
  if (inbound.header('x-tollgate-explain') === 'true') return tellWhy({ gateway, client }, { caller, ask: asked.ask, snapshot })
  const found = judged({ caller, ask: asked.ask, snapshot }, decide) // 403, 404, 429, 503
  const { ask, fallback } = found
  gateway.asked.judged(caller, asked.ask, found.decision)
  const peeked = fallback ? { ...asked, ask } : asked
  const place = placed({ gateway, caller, peeked }, found.decision)
  // Only what other replicas have a say in is waited for.
  const { decision, hold } = place instanceof Promise ? await place : place // 429
  const { plan } = decision
  const { config } = snapshot
  gateway.traces.keep({ requestId: inbound.requestId, at: inbound.at, caller, ask, decision, config })
  const headers = () => refusedHeaders(decision, config, plan && gateway.limits.standing(caller, plan))
  if (!plan || !hold) throw about(caller, refusal(decision, questionOf({ caller, ask, snapshot }, plan)), headers())

  client.serves(caller, plan)
  const turn: Turn = { gateway, inbound, client, caller, peeked, decision, plan, config, hold, answered: undefined, tried: 0, fallback }
  await releasing(hold, cached(turn, decision.offers, attempt)).catch((error: unknown) => {
    throw about(caller, error, headers())
  })
}

/** Keys that may ask for answers; an admin key runs the gateway and spends nothing. */
const APPS = ['tenant', 'service', 'imported'] as const

export function callerOf(gateway: Gateway, inbound: Pick<Inbound, 'header' | 'pathTag' | 'ip'>): Caller {
  const { key, tenant } = gateway.identify(inbound, APPS)
  if (tenant) return { key, tenant }
  throw new GatewayError(
    'tenant_required',
    'This key serves several tenants: name one in the x-tenant-id header, or in the path as /t/<tenant>/v1/….',
  )
}

function tooMuch({ tenant }: Caller): GatewayError {
  const sentence = `This gateway has as much to do as it can, and ${tenant.slug} has its share of that: try again in a second.`
  return new GatewayError('overloaded', sentence, { retryAfter: 1, metadata: { tenant: tenant.slug } })
}

/** The decision in place of the call, every candidate looked at. */
async function tellWhy({ gateway, client }: Pick<Asking, 'gateway' | 'client'>, asked: Asked): Promise<void> {
  await recalled(gateway, asked)
  const { decision, ask } = judged(asked, survey)
  client.begin(200, { 'content-type': 'application/json' })
  client.end(JSON.stringify(explain(decision, questionOf({ ...asked, ask }, decision.plan))))
}

/** What a request held of its limits is given back where no attempt settled it. */
async function releasing(hold: Hold, work: Promise<void>): Promise<void> {
  try {
    await work
  } finally {
    hold.release()
  }
}

/** The same error, with whom it concerns; rendered once, by whoever knows the client's protocol. */
function about(caller: Caller, error: unknown, headers: Readonly<Record<string, string>>): unknown {
  if (!(error instanceof GatewayError)) return error
  const metadata = { tenant: caller.tenant.slug, plan: caller.tenant.plan, ...error.details.metadata }
  return error.with({ metadata, headers: { ...headers, ...error.details.headers } })
}
