import { z } from 'zod'
import type { Candidate } from '../../contract/catalog.ts'
import type { KeyReport } from '../../contract/health.ts'
import type { Incident } from '../../contract/incident.ts'
import { dollarsOf } from '../../contract/money.ts'
import type { PlanRules } from '../../contract/plan.ts'
import type { Provider } from '../../contract/provider.ts'
import { LEVELS } from '../../desk/doctor.ts'
import { page, pageOf, pageQuery, readCursor } from '../page.ts'
import { adminRoute } from './context.ts'
import { healthAnswer, showHealth } from './health.ts'
import { incidentAnswer, showIncident } from './incidents.ts'
import { priceAnswer, showPrice } from './prices.ts'

const names = z.array(z.string())
const limit = z.number().nullable().meta({ description: 'Null is unlimited.' })

const planAnswer = z.strictObject({
  id: z.string(),
  was: names,
  models: names,
  endpoints: names,
  providers: names,
  byok: z.strictObject({ allowed: z.boolean(), models: z.enum(['any', 'plan']), providers: names }),
  platform_keys: z.enum(['never', 'on_missing', 'on_outage']),
  passthrough: z.enum(['own_keys', 'any_keys']),
  limits: z.strictObject({ rpm: limit, tpm: limit, concurrency: limit }),
  plan_limits: z
    .strictObject({ rpm: limit, tpm: limit, concurrency: limit })
    .nullable()
    .meta({ description: 'Of all its tenants together; null is unlimited.' }),
  budget: z.strictObject({ usd: z.string(), per: z.string() }).nullable(),
  meters: z.array(z.looseObject({ name: z.string(), count: z.string(), per: z.string() })).meta({ description: 'As plans.yaml has them.' }),
  unpriced: z.enum(['refuse', 'allow']),
  failover: z.strictObject({ other_provider: z.boolean() }),
  fallback: z.array(
    z.strictObject({ on: z.enum(['outage', 'context', 'refusal', 'budget']), to: z.string(), pay: z.enum(['tenant', 'platform']) }),
  ),
  expose: z.enum(['none', 'basic', 'full']),
  enforcement: z.enum(['on', 'observe']),
  priority: z.number(),
  on_revoke: z.enum(['cut', 'finish']),
  cache: z.strictObject({ ttl_seconds: z.number() }).nullable().meta({ description: 'Null: no answer serves equal requests.' }),
  written_at: z.string().meta({ description: 'File and line of its list of models.' }),
})

const modelAnswer = z.strictObject({
  name: z.string().meta({ description: 'provider/wire-model' }),
  id: z.string().nullable(),
  provider: z.string(),
  wire_model: z.string(),
  tier: z.string().nullable(),
  lifecycle: z.string().nullable(),
  retires: z.string().nullable().meta({ description: 'The day its vendor ends it.' }),
  successor: z.string().nullable().meta({ description: 'What its vendor recommends; never followed.' }),
  aliases: names,
  was: names,
  context_length: z.int().nullable(),
  max_output_tokens: z.int().nullable(),
  capabilities: z.record(z.string(), z.boolean()),
  price: priceAnswer.nullable(),
})

const providerAnswer = z.strictObject({
  id: z.string(),
  name: z.string(),
  vendor: z.string(),
  dialect: z.string(),
  also: names.meta({ description: 'Further dialects it speaks: their clients have their bytes passed.' }),
  base_url: z.string().nullable().meta({ description: 'Null: built in, or unreachable until the operator gives one.' }),
  regions: names,
  endpoints: names,
  credential: z.enum(['key', 'none']),
  api_key_env: z.string(),
  env_aliases: names,
  fields: z
    .record(z.string(), z.strictObject({ means: z.string(), secret: z.boolean(), environment: names }))
    .meta({ description: 'What a key of several parts is made of; empty where a key is one text.' }),
  one_of: z.array(z.strictObject({ name: z.string(), needs: names })).meta({ description: 'Which of its parts make a whole.' }),
  legacy_ids: names,
  disabled: incidentAnswer.nullable().meta({ description: 'Switched off by an operator, for a time.' }),
  health: z.array(healthAnswer).meta({ description: 'Keys it has not served well of late; empty: no trouble was seen.' }),
})

export const catalogueRoutes = [
  adminRoute({
    method: 'GET',
    path: '/plans',
    scope: 'config',
    summary: 'List the plans in force',
    answer: pageOf(planAnswer),
    handle: async ({ desk }) => ({ data: desk.rules().plans.all().map(showPlan), next_cursor: null }),
  }),
  adminRoute({
    method: 'GET',
    path: '/models',
    scope: 'config',
    summary: 'List every offer of the catalogue',
    query: z.strictObject({ provider: z.string().optional(), q: z.string().optional(), ...pageQuery }),
    answer: pageOf(modelAnswer),
    async handle({ desk }, { query: { provider, q, limit, cursor } }) {
      const after = readCursor(cursor)
      const offers = desk
        .rules()
        .catalog.candidates()
        .filter((offer) => provider === undefined || offer.provider.id === provider)
        .filter(({ names: { qualified, id } }) => q === undefined || [qualified, id ?? ''].some((name) => name.includes(q)))
        .filter(({ names: { qualified } }) => after === undefined || qualified > after)
        .toSorted((a, b) => (a.names.qualified < b.names.qualified ? -1 : 1))
        .slice(0, limit)
      return page(offers, { limit, show: showModel, mark: ({ names: { qualified } }) => qualified })
    },
  }),
  adminRoute({
    method: 'GET',
    path: '/providers',
    scope: 'config',
    summary: 'List the providers',
    answer: pageOf(providerAnswer),
    async handle({ desk }) {
      const health = Map.groupBy(desk.gateway.health.report(), ({ provider }) => provider)
      const shown = desk
        .rules()
        .registry.providers.map((provider) => showProvider(provider, health.get(provider.id) ?? [], desk.switches.disabled(provider.id)))
      return { data: shown, next_cursor: null }
    },
  }),
  adminRoute({
    method: 'GET',
    path: '/doctor',
    scope: 'config',
    summary: 'What would surprise an operator',
    answer: pageOf(z.strictObject({ level: z.enum(LEVELS), code: z.string(), subject: z.string(), sentence: z.string(), fix: z.string() })),
    handle: async ({ doctor }) => ({ data: [...(await doctor())], next_cursor: null }),
  }),
]

function showPlan(plan: PlanRules): z.input<typeof planAnswer> {
  const { plan_limits: together } = plan
  const { id, platform_keys, passthrough, unpriced, expose, enforcement, priority, on_revoke, byok, limits, failover, fallback, budget } =
    plan
  return {
    id,
    was: [...plan.was],
    models: [...plan.models],
    endpoints: [...plan.endpoints],
    providers: [...plan.providers],
    byok: { ...byok, providers: [...byok.providers] },
    platform_keys,
    passthrough,
    limits: { ...limits },
    plan_limits: together && { rpm: together.rpm ?? null, tpm: together.tpm ?? null, concurrency: together.concurrency ?? null },
    budget: budget && { usd: dollarsOf(budget.nano), per: budget.per },
    meters: plan.meters.map((meter) => ({ ...meter })),
    unpriced,
    failover: { ...failover },
    fallback: fallback.map((rule) => ({ ...rule })),
    ...{ expose, enforcement, priority, on_revoke },
    cache: plan.cache && { ttl_seconds: plan.cache.ttl / 1000 },
    written_at: plan.rule('models'),
  }
}

function showModel({ names: { qualified, id }, provider, wireModel, model, price }: Candidate): z.input<typeof modelAnswer> {
  return {
    name: qualified,
    id: id ?? null,
    provider: provider.id,
    wire_model: wireModel,
    tier: model?.tier ?? null,
    lifecycle: model?.lifecycle ?? null,
    retires: model?.retires ?? null,
    successor: model?.successor ?? null,
    aliases: [...(model?.aliases ?? [])],
    was: [...(model?.was ?? [])],
    context_length: model?.context ?? null,
    max_output_tokens: model?.maxOutput ?? null,
    capabilities: { ...model?.capabilities },
    price: price ? showPrice(price) : null,
  }
}

function showParts({ credentials: { parts, ways } = { parts: {}, ways: [] } }: Provider) {
  const fields: Record<string, { means: string; secret: boolean; environment: string[] }> = {}
  for (const [part, { means, secret, env = [], fileEnv = [] }] of Object.entries(parts))
    fields[part] = { means, secret, environment: [...env, ...fileEnv] }
  const oneOf = ways.filter(({ platformOnly }) => !platformOnly).map(({ name, needs }) => ({ name, needs: [...needs] }))
  return { fields, one_of: oneOf }
}

function showProvider(provider: Provider, health: readonly KeyReport[], disabled: Incident | undefined): z.input<typeof providerAnswer> {
  const { id, name, vendor, dialect, also, baseUrl, regions = {}, endpoints, credential, apiKeyEnv, envAliases, legacyIds } = provider
  return {
    ...{ id, name, vendor, credential },
    dialect: dialect.id,
    also: also.map((speech) => speech.dialect.id),
    base_url: baseUrl ?? null,
    regions: Object.keys(regions),
    endpoints: [...endpoints],
    api_key_env: apiKeyEnv,
    ...showParts(provider),
    env_aliases: [...envAliases],
    legacy_ids: [...legacyIds],
    disabled: disabled ? showIncident(disabled) : null,
    health: health.map(showHealth),
  }
}
