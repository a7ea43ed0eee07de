// The one smallest change that would let a refused request through: not guessed, but made in thought and judged again.

import type { Credential, Decision, DecisionCode, Rejection, Snapshot, Walk } from '../contract/decision.ts'
import { survey } from '../decide.ts'
import type { Question } from './show.ts'

/**
 * The objection that stands alone in the way of its candidate, the one that is the least to lift; undefined where each has another behind
 * it. A decision that is told again later, when the world has moved on, is told with what was found at the time.
 */
export function smallestChange(decision: Decision, question: Question): Rejection | undefined {
  if (!question.snapshot || !decision.plan) return found.get(decision)
  const change = search(decision, { ...question, snapshot: question.snapshot })
  if (change) found.set(decision, change)
  return change
}

const found = new WeakMap<Decision, Rejection>()

function search({ rejected }: Decision, { caller, ask, snapshot }: Question & Asked): Rejection | undefined {
  const asked: Asked = { ask, snapshot }
  return representatives(rejected).find((rejection) => {
    const { candidate, code } = rejection
    if (!candidate) return false
    const lifted = LIFT[code](asked, rejection)
    const only = () => ({ candidates: [candidate] })
    const alone = { ...lifted.snapshot, resolve: only, at: only }
    return survey(caller, lifted.ask, alone).offers.length > 0
  })
}

interface Asked {
  readonly ask: Question['ask']
  readonly snapshot: Snapshot
}

/** What is the least first: to wait, to ask for less, to store a key, to set one, to change a plan. */
const SMALLEST: readonly DecisionCode[] = [
  ...(['rate_limit_exceeded', 'concurrency_limit_exceeded', 'provider_unavailable'] as const),
  ...(['unsupported_parameter', 'capability_missing', 'context_too_long', 'request_exceeds_limit'] as const),
  ...(['credential_missing', 'credential_invalid', 'credential_unreadable', 'provider_disabled'] as const),
  ...([
    'price_unknown',
    'budget_exceeded',
    'model_not_in_plan',
    'provider_not_in_plan',
    'endpoint_not_in_plan',
    'byok_not_in_plan',
  ] as const),
]

/** Of what is alike for a provider and a payer, so many are tried: the best candidates that others behind them would only repeat. */
const OF_A_KIND = 4

function representatives(rejected: readonly Rejection[]): Rejection[] {
  const kinds = Map.groupBy(rejected, ({ code, payer, candidate, detail }) =>
    [code, payer, candidate?.provider.id, detail?.['capability']].join(' '),
  )
  const few = [...kinds.values()].flatMap((alike) => alike.slice(0, OF_A_KIND))
  const rank = ({ code, payer }: Rejection) => SMALLEST.indexOf(code) * 2 + (payer === 'tenant' ? 0 : 1)
  return few.filter(({ code }) => SMALLEST.includes(code)).sort((a, b) => rank(a) - rank(b))
}

type Lift = (asked: Asked, rejection: Rejection) => Asked

const without: Lift = ({ ask, snapshot }, { detail }) => ({
  ask: { ...ask, needs: { ...ask.needs, [String(detail?.['capability'])]: false } },
  snapshot,
})
const inTheForeground: Lift = ({ ask: { background: _later, ...ask }, snapshot }) => ({ ask, snapshot })
const shorter: Lift = ({ ask, snapshot }) => ({ ask: { ...ask, inputTokens: 0, leastTokens: 0 }, snapshot })
const within: Lift = ({ ask, snapshot }) => ({ ask, snapshot: { ...snapshot, limits: () => undefined, meters: () => undefined } })
const well: Lift = ({ ask, snapshot }) => ({ ask, snapshot: { ...snapshot, trouble: () => undefined, ailing: () => undefined } })

const withKey: Lift = ({ ask, snapshot }, { payer, candidate }) => ({
  ask,
  snapshot: {
    ...snapshot,
    walk(tenant, provider): Walk {
      const walk = snapshot.walk(tenant, provider)
      if (provider.id !== candidate?.provider.id) return walk
      return payer === 'tenant' ? { ...walk, tenant: imagined('tenant') } : { ...walk, platform: imagined('platform') }
    },
  },
})

const planned: Lift = ({ ask, snapshot }, { code, detail }) => {
  if (detail?.['by'] === 'key') return { ask, snapshot: { ...snapshot, narrowed: () => undefined } }
  return {
    ask,
    snapshot: {
      ...snapshot,
      planOf(tenant) {
        const plan = snapshot.planOf(tenant)
        return plan && { ...plan, ...ALLOWED[code]?.(plan) }
      },
    },
  }
}

type Plan = NonNullable<ReturnType<Snapshot['planOf']>>

const ALLOWED: { readonly [code in DecisionCode]?: (plan: Plan) => Partial<Plan> } = {
  model_not_in_plan: () => ({ allowsModel: () => true }),
  provider_not_in_plan: () => ({ allowsProvider: () => true }),
  endpoint_not_in_plan: () => ({ allowsEndpoint: () => true }),
  byok_not_in_plan: ({ byok }) => ({ byok: { ...byok, allowed: true }, allowsOwnKeyFor: () => true }),
  price_unknown: () => ({ unpriced: 'allow' }),
}

const nothing: Lift = (asked) => asked

const LIFT: { readonly [code in DecisionCode]: Lift } = {
  ...{
    model_not_found: nothing,
    plan_unknown: nothing,
    route_condition_unmet: nothing,
    response_not_found: nothing,
    unsupported_parameter: inTheForeground,
  },
  ...{ model_not_in_plan: planned, endpoint_not_in_plan: planned, provider_not_in_plan: planned, byok_not_in_plan: planned },
  ...{ credential_missing: withKey, credential_unreadable: withKey, credential_invalid: withKey },
  ...{ capability_missing: without, context_too_long: shorter, price_unknown: planned },
  ...{ provider_unavailable: well, provider_disabled: well },
  ...{ rate_limit_exceeded: within, concurrency_limit_exceeded: within, budget_exceeded: within, request_exceeds_limit: within },
}

/** A good key where there is none; it is judged by and never sent. */
function imagined(source: 'tenant' | 'platform'): Credential {
  const via = source === 'tenant' ? 'canonical' : 'platform'
  return { source, settingKey: undefined, via, last4: undefined, fingerprint: undefined, state: 'usable', secret: () => undefined }
}
