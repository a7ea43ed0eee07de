import type { Announce } from '../contract/event.ts'
import type { Observer } from '../contract/gateway.ts'
import { dollarsOf } from '../contract/money.ts'
import type { Passed } from '../policy/thresholds.ts'
import type { World } from './world.ts'

// Who notices what somebody should hear of.

const HOUR = 3_600_000
const DAY = 24 * HOUR

/** The same observer, and a model that its provider does not know any more is an event. */
export function watchingModels(observe: Observer, announce: Announce): Observer {
  return {
    refused: (code) => observe.refused(code),
    attempt(event) {
      observe.attempt(event)
      if (event.code === 'upstream_model_gone') announce(gone(event))
    },
  }
}

function gone({ offer: { provider, wireModel, model, credential } }: Parameters<Observer['attempt']>[0]): Parameters<Announce>[0] {
  const data = {
    provider: provider.id,
    wire_model: wireModel,
    model: model?.id ?? null,
    successor: model?.successor ?? null,
    paid_by: credential.source,
  }
  return { type: 'model.gone', subject: `${provider.id}/${wireModel}`, data, within: DAY }
}

/** Tenants that have spent much of a budget or meter. */
export function watchBudgets({ directory, announce }: Pick<World, 'directory' | 'announce'>): (passed: Passed) => void {
  return ({ place: { rule }, move, allow, percent }) => {
    const { owner, meter, subject: of, since, spent } = move
    const amounts =
      rule.count === 'usd'
        ? { spent_usd: dollarsOf(spent), budget_usd: dollarsOf(allow) }
        : { spent: spent / 1_000, allow: allow / 1_000, count: rule.count }
    const whose = { tenant_id: owner === '' ? null : owner, meter: rule.name, ...(of !== '' && { of }) }
    const subject = owner === '' ? meter : (directory.tenant(owner)?.slug ?? owner)
    const once = [owner, meter, of, since, allow, percent].join(' ')
    announce({ type: 'budget.threshold', subject, data: { ...whose, percent, ...amounts, per: rule.per }, once })
  }
}

/** Providers that begin to be passed over; to be called every few seconds. */
export function watchProviders(world: Pick<World, 'health' | 'announce'>): () => void {
  let before: ReadonlySet<string> = new Set()
  return () => {
    const down = world.health.report().filter(({ state }) => state === 'down')
    for (const { provider, source, models, code, until } of down) {
      if (before.has(provider)) continue
      const data = { key: source, models: models.slice(0, 20), code, until: until === undefined ? null : new Date(until).toISOString() }
      world.announce({ type: 'provider.down', subject: provider, data, within: HOUR / 6 })
    }
    before = new Set(down.map(({ provider }) => provider))
  }
}

/** Plans that tenants are on and no file defines; to be called every minute or so. */
export function watchPlans(world: Pick<World, 'configured' | 'directory' | 'announce'>): () => void {
  return () => {
    const { plans } = world.configured()
    const unknown = Map.groupBy(
      world.directory.tenants().filter(({ plan }) => !plans.canonical(plan)),
      ({ plan }) => plan,
    )
    for (const [plan, tenants] of unknown) {
      const data = { tenants: tenants.length, first: tenants.slice(0, 20).map(({ slug }) => slug) }
      world.announce({ type: 'plan.unknown', subject: plan, data, within: DAY })
    }
  }
}
