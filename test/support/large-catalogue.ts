// A catalogue larger than any there is, for what a decision costs: 2,000 models, each offered by a few of 60 providers.

import { createCatalog } from '../../src/catalog/catalog.ts'
import { createRanker } from '../../src/catalog/ranker.ts'
import type { ListedModel, ListedOffer } from '../../src/contract/catalog.ts'
import type { Credential, Snapshot, Walk } from '../../src/contract/decision.ts'
import { planId, settingKeyOf } from '../../src/contract/ids.ts'
import type { Plan } from '../../src/contract/plan.ts'
import type { Observed } from '../../src/contract/ranking.ts'
import type { Registry } from '../../src/contract/registry.ts'
import { compilePlans } from '../../src/policy/plans.ts'
import { OPEN, provider } from './scene.ts'

export interface Size {
  readonly models: number
  readonly providers: number
  /** Of each model. */
  readonly offers: number
}

export const LARGE: Size = { models: 2_000, providers: 60, offers: 5 }

const TIERS = ['economy', 'standard', 'premium', 'frontier'] as const

export const modelNamed = (number: number): string => `model-${number}`

/** Everybody is on this plan, and the platform has a key for every provider that `keys` admits. */
export function largeSnapshot(
  size: Size,
  plan: Partial<Omit<Plan, 'id'>> = {},
  keys: (provider: string) => boolean = () => true,
): Snapshot {
  const providers = Array.from({ length: size.providers }, (_, number) => provider(`provider-${number}`))
  const byId = new Map<string, (typeof providers)[number]>(providers.map((one) => [one.id, one]))
  const registry: Registry = {
    providers,
    get: (id) => byId.get(id),
    lookup: (id) => {
      const found = byId.get(id)
      return found && { provider: found, legacy: false }
    },
    steps: () => [],
    platformNames: () => [],
    groupOf: () => undefined,
    releasedIds: [],
  }
  const models = Array.from({ length: size.models }, (_, number) => modelOf(number, size))
  const catalog = createCatalog({ registry, embedded: { snapshot: 'large', models } })
  const source = { ...OPEN, ...plan, id: planId('team') }
  const plans = compilePlans([{ ...source, writtenAt: places(source) }])
  const walks = new Map(providers.map(({ id }) => [id as string, walkOf(id, keys(id))]))
  const seen = new Map(catalog.candidates().flatMap(({ names }, at) => (at % 97 === 0 ? [[names.qualified, seenAt(at)] as const] : [])))
  return {
    config: 'large',
    planOf: (tenant) => plans.rulesFor(tenant, 0),
    resolve: (model) => catalog.resolve(model),
    candidates: () => catalog.candidates(),
    rank: createRanker(() => seen),
    narrowed: () => undefined,
    walk: (_tenant, { id }) => walks.get(id) ?? NOBODY,
    trouble: () => undefined,
    ailing: () => undefined,
    at: () => ({ candidates: [] }),
    keyLimits: () => undefined,
    limits: () => undefined,
    meters: () => undefined,
  }
}

function modelOf(number: number, { providers, offers }: Size): ListedModel {
  const cost = 50_000 + ((number * 7_919) % 9_973) * 1_000
  const offered = Array.from({ length: offers }, (_, at): ListedOffer => {
    const price = { input: cost + at * 10_000, output: 4 * cost + at * 10_000 }
    return { provider: `provider-${(number + at * 13) % providers}`, wireModel: modelNamed(number), price }
  })
  const tier = TIERS[Math.min(3, Math.floor(cost / 2_500_000))] ?? 'economy'
  const capabilities = { tools: number % 3 !== 0, vision: number % 4 === 0 }
  return { id: modelNamed(number), tier, capabilities, lifecycle: 'active', endpoints: ['chat'], context: 200_000, offers: offered }
}

const seenAt = (at: number): Observed => ({ weight: 20, firstByte: 200 + (at % 1_500), failing: 0.01, cached: 0.2, headroom: undefined })

const NOBODY: Walk = { lookedFor: [], tenant: undefined, platform: undefined }

function walkOf(id: string, key: boolean): Walk {
  const platform: Credential = {
    ...{ source: 'platform', settingKey: settingKeyOf(id), via: 'platform', last4: '1234', fingerprint: 'abcdef01', state: 'usable' },
    secret: () => undefined,
  }
  const settingKey = settingKeyOf(id)
  const lookedFor = (['canonical', 'platform'] as const).map((via) => ({ setting_key: settingKey, via, found: key && via === 'platform' }))
  return { lookedFor, tenant: undefined, platform: key ? platform : undefined }
}

// The test's plan has no file.
const places = (plan: Plan) => Object.fromEntries(Object.keys(plan).map((key) => [key, `plans.yaml:1 team.${key}`])) as never
