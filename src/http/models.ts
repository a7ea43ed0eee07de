import type { Caller } from '../contract/caller.ts'
import type { Candidate } from '../contract/catalog.ts'
import type { Ask, Snapshot } from '../contract/decision.ts'
import type { Endpoint } from '../contract/provider.ts'
import { FAMILIES } from '../contract/speech.ts'
import { decide } from '../decide.ts'
import { GatewayError } from '../errors.ts'
import { refusal } from '../explain/explain.ts'
import { verdictOf } from '../explain/verdict.ts'

/** One object that OpenAI's, Anthropic's and agents' own clients all take: each reads the fields it knows. */
export interface ModelObject {
  readonly id: string
  readonly object: 'model'
  readonly created: number
  readonly owned_by: string
  readonly type: 'model'
  readonly display_name: string
  readonly created_at: string
  readonly context_length: number | null
  readonly max_output_tokens: number | null
  readonly capabilities: object
  /** What it is listed for; empty where no catalogue knows. */
  readonly endpoints: readonly Endpoint[]
  readonly tier: string | null
}

export interface ModelList {
  readonly object: 'list'
  readonly data: readonly ModelObject[]
  readonly has_more: false
  readonly first_id: string | null
  readonly last_id: string | null
}

/** The models this caller may use now, by the same decision a call gets; limits and outages hide nothing, for they pass. */
export function listModels(caller: Caller, snapshot: Snapshot): ModelList {
  const named = new Map<string, Candidate>()
  const providers = snapshot.planOf(caller.tenant)?.providers
  for (const candidate of snapshot.candidates()) {
    const id = candidate.names.id ?? candidate.names.qualified
    // The built-in provider answers whoever names it, and is shown to those who are held to it.
    const shown = !candidate.provider.builtin || providers?.includes(candidate.provider.id)
    if (shown && !named.has(id)) named.set(id, candidate)
  }
  const data = [...named]
    .filter(([id, candidate]) => usable(caller, askFor(id, candidate), snapshot))
    .map(([id, candidate]) => describe(id, candidate))
  return { object: 'list', data, has_more: false, first_id: data[0]?.id ?? null, last_id: data.at(-1)?.id ?? null }
}

/** The same list as Google has it. https://ai.google.dev/api/models */
export function googleList({ data }: ModelList): object {
  return { models: data.map(googleModel) }
}

export function googleModel({ id, context_length, max_output_tokens, endpoints }: ModelObject): object {
  const embeds = endpoints.length > 0 && endpoints.every((endpoint) => endpoint === 'embeddings')
  return {
    name: `models/${id}`,
    displayName: id,
    ...(context_length !== null && { inputTokenLimit: context_length }),
    ...(max_output_tokens !== null && { outputTokenLimit: max_output_tokens }),
    supportedGenerationMethods: embeds ? ['embedContent'] : ['generateContent', 'streamGenerateContent'],
  }
}

/** One model by any name a call may use. Throws what a call would get where the caller may not use it. */
export function showModel(caller: Caller, name: string, snapshot: Snapshot): ModelObject {
  const ask = askFor(name, snapshot.resolve(name).candidates[0])
  const decision = decide(caller, ask, snapshot)
  const candidate = decision.offers[0] ?? decision.resolution.candidates[0]
  if (!candidate)
    throw new GatewayError('model_not_found', `No model or route is called ${name}. GET /v1/models lists those there are.`, {
      param: 'model',
    })
  if (decision.offers.length === 0 && !passing(decision))
    throw refusal(decision, { caller, ask, config: snapshot.config, audience: 'none', limits: {} })
  return describe(name, candidate)
}

function usable(caller: Caller, ask: Ask, snapshot: Snapshot): boolean {
  const decision = decide(caller, ask, snapshot)
  return decision.offers.length > 0 || passing(decision)
}

const passing = (decision: Parameters<typeof verdictOf>[0]): boolean =>
  ['health', 'limits'].includes(verdictOf(decision).rejection?.stage ?? '')

/** The smallest ask for what a model is there for: to chat, where it can. */
function askFor(model: string, candidate: Candidate | undefined): Ask {
  const endpoints = candidate?.model?.endpoints ?? []
  const other = endpoints.every((name) => FAMILIES[name]) ? endpoints[0] : undefined
  const family = other && FAMILIES[other]
  return { endpoint: other ?? 'chat', ...(family && { family }), model, stream: false, needs: {}, inputTokens: 0, leastTokens: 0 }
}

/** The catalogue does not date its models; clients only need a time that does not move. */
const CREATED = 1_767_225_600

function describe(id: string, { provider, model, names }: Candidate): ModelObject {
  return {
    id,
    object: 'model',
    created: CREATED,
    owned_by: provider.id,
    type: 'model',
    display_name: id,
    created_at: new Date(CREATED * 1000).toISOString(),
    context_length: model?.context ?? null,
    max_output_tokens: model?.maxOutput ?? null,
    capabilities: model?.capabilities ?? {},
    endpoints: model?.endpoints ?? [],
    tier: names.tier ?? null,
  }
}
