import type { Caller } from '../contract/caller.ts'
import type { OwnName } from '../contract/catalog.ts'
import type { Ask, Snapshot } from '../contract/decision.ts'
import type { Endpoint } from '../contract/provider.ts'
import type { Traits } from '../contract/route.ts'
import { FAMILIES } from '../contract/speech.ts'
import { survey } from '../decide.ts'
import { GatewayError } from '../errors.ts'
import { type Audience, type Explanation, explain } from '../explain/explain.ts'
import { judged } from '../failover/fallback.ts'

/** The decision on what is asked, and no call. */
export function explainAsk(
  ask: Ask,
  to: { caller: Caller; snapshot: Snapshot; audience?: Audience; limits?: Explanation['limits'] },
): Explanation {
  const { caller, snapshot } = to
  const { decision, ask: judgedAsk } = judged({ caller, ask, snapshot }, survey)
  return explain(decision, {
    caller,
    ask: judgedAsk,
    config: snapshot.config,
    snapshot,
    audience: to.audience ?? decision.plan?.expose ?? 'basic',
    limits: to.limits ?? {},
  })
}

/** `GET /v1/explain?model=…[&stream=1&tools=1&vision=1&json_schema=1&endpoint=…&input_tokens=…&session=…&user=…&tags=…]` as an ask. Throws `invalid_value`. */
export function askOf(query: URLSearchParams): Ask {
  const model = query.get('model')
  if (!model) throw new GatewayError('invalid_value', 'Say which model: /v1/explain?model=openai/gpt-5-mini.', { param: 'model' })
  const on = (name: string) => ['1', 'true', ''].includes(query.get(name) ?? 'no')
  const endpoint = query.get('endpoint') ?? 'chat'
  if (!ENDPOINTS.has(endpoint))
    throw new GatewayError('invalid_value', `There is no endpoint ${endpoint}: use one of ${[...ENDPOINTS].join(', ')}.`, {
      param: 'endpoint',
    })
  const family = FAMILIES[endpoint as Endpoint]
  return {
    endpoint: endpoint as Endpoint, // checked against the list above
    ...(family && { family }),
    model,
    ...(endpoint === 'passthrough' && { at: ownName(model) }),
    stream: on('stream'),
    needs: Object.fromEntries(NEEDS.filter(on).map((need) => [need, true])),
    inputTokens: count(query, 'input_tokens') ?? 0,
    leastTokens: 0,
    ...(query.has('max_tokens') && { maxOutput: count(query, 'max_tokens') }),
    ...(TRAITS.some((name) => query.has(name)) && { traits: traitsOf(query) }),
    ...(query.get('pay') === 'tenant' && { pay: 'tenant' as const }),
    ...((query.has('user') || query.has('tags')) && {
      by: { user: query.get('user') ?? undefined, tags: query.get('tags')?.split(',') ?? [] },
    }),
  }
}

/** `openai/gpt-5-mini`, or `openai` for all that it has. */
function ownName(model: string): OwnName {
  const [, provider = '', wireModel = ''] = /^([^/]+)(?:\/(.*))?$/.exec(model) ?? []
  return { provider, ...(wireModel !== '' && { wireModel }) }
}

/** What a route of the operator's may go by, as it would come with a request: `headers=x-feature:search,x-beta:1`. */
const TRAITS = ['headers', 'metadata', 'session']

function traitsOf(query: URLSearchParams): Traits {
  const session = query.get('session') ?? undefined
  return { headers: pairs(query.get('headers')), metadata: pairs(query.get('metadata')), session, seed: session ?? '' }
}

function pairs(text: string | null): Record<string, string> {
  const given = (text ?? '').split(',').filter((pair) => pair !== '')
  return Object.fromEntries(given.map((pair) => [pair.replace(/:.*/s, '').trim(), pair.replace(/^[^:]*:/s, '').trim()]))
}

function count(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name)
  if (text === null || text === '') return undefined
  if (/^\d{1,12}$/.test(text)) return Number(text)
  throw new GatewayError('invalid_value', `The parameter ${name} must be a whole number.`, { param: name })
}

const NEEDS = ['tools', 'vision', 'audio', 'files', 'json_schema'] as const

export const ENDPOINTS: ReadonlySet<string> = new Set<Endpoint>([
  'chat',
  'responses',
  'messages',
  'embeddings',
  'completions',
  'images',
  'audio',
  'moderations',
  'rerank',
  'generate',
  'passthrough',
])
