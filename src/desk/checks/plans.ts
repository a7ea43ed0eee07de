import type { Candidate } from '../../contract/catalog.ts'
import type { PlanRules } from '../../contract/plan.ts'
import { compileModels, compileNames } from '../../policy/pattern-list.ts'
import { type Check, counted, type Finding, hasAddress, type Installation } from './finding.ts'
import { paysFor } from './spending.ts'

/** Words of a plan that mean nothing here: a model, tier or provider that does not exist lets nobody in, or keeps nobody out. */
export const emptyWords: Check = ({ plans, catalog, registry }) => {
  const candidates = catalog.candidates()
  const names: Record<List, (pattern: string) => boolean> = {
    models: memo((pattern) => candidates.some((candidate) => compileModels([pattern])(candidate.names))),
    providers: memo((pattern) => registry.providers.some(({ id }) => compileNames([pattern])(id))),
  }
  const words = plans.all().flatMap((plan) => wordsOf(plan).filter(({ list, word }) => !names[list](word.replace(/^!/, ''))))
  const alike = Map.groupBy(words, ({ key, word }) => `${key} ${word}`)
  return [...alike.values()].flatMap((same) => (same[0] ? [emptyWord(same[0], same)] : []))
}

/** Plans under which no call can be made at all, or only to the built-in provider. */
export const deadPlans: Check = (installation) =>
  installation.plans.all().flatMap((plan) => {
    if (plan.byok.allowed) return []
    const within = installation.catalog
      .candidates()
      .filter(({ names, provider }) => plan.allowsModel(names) && plan.allowsProvider(provider.id))
    if (within.some(({ provider }) => !provider.builtin && paysFor(installation, plan, provider))) return []
    return [deadPlan(installation, plan, within)]
  })

/** What a plan would fall back to and nobody offers. */
export const emptyFallbacks: Check = ({ plans, catalog }) =>
  plans.all().flatMap((plan) =>
    plan.fallback
      .filter(({ to }) => catalog.resolve(to).candidates.length === 0)
      .map(
        ({ on, to }): Finding => ({
          level: 'warn',
          code: 'fallback_leads_nowhere',
          subject: to,
          sentence: `Plan ${plan.id} falls back to ${to} on ${on}, and no model or route is called that (${plan.rule('fallback')}).`,
          fix: 'Name a model that tollgate models list shows, or a route of models.yaml.',
        }),
      ),
  )

/** Plans whose tenants can see, and delete, what the others of them made with the platform's keys. */
export const sharedAccounts: Check = (installation) =>
  installation.plans.all().flatMap((plan): Finding[] => {
    const opened = plan.passthrough === 'any_keys' && plan.allowsEndpoint('passthrough')
    const shared = installation.registry.providers.filter(
      (provider) => !provider.builtin && plan.allowsProvider(provider.id) && paysFor(installation, plan, provider),
    )
    if (!opened || shared.length === 0) return []
    return [
      {
        level: 'warn',
        code: 'plan_shares_accounts',
        subject: plan.id,
        sentence: `Plan ${plan.id} opens ${shared.map(({ id }) => id).join(', ')} to all of its tenants with the platform's key: files and batches of one are open to the others (${plan.rule('passthrough')}).`,
        fix: 'Set passthrough: own_keys, unless these tenants are one.',
      },
    ]
  })

type List = 'models' | 'providers'

interface Word {
  readonly plan: PlanRules
  readonly list: List
  readonly key: 'models' | 'providers' | 'byok'
  readonly word: string
}

function wordsOf(plan: PlanRules): Word[] {
  const all: readonly (readonly [key: Word['key'], list: List, words: readonly string[]])[] = [
    ['models', 'models', plan.models],
    ['providers', 'providers', plan.providers],
    ['byok', 'providers', plan.byok.providers],
  ]
  return all.flatMap(([key, list, words]) => words.map((word) => ({ plan, list, key, word })))
}

function emptyWord({ key, list, word, plan }: Word, same: readonly Word[]): Finding {
  const plans = same.map((one) => one.plan.id)
  const effect = word.startsWith('!') ? 'so it keeps nothing out' : 'so it lets nothing in'
  const noun = list === 'models' ? 'no listed model or tier' : 'no provider'
  return {
    level: 'warn',
    code: list === 'models' ? 'plan_names_no_model' : 'plan_names_no_provider',
    subject: word,
    sentence: `"${word}" in ${counted('plan', plans)} matches ${noun}, ${effect} (${plan.rule(key)}).`,
    fix: `See tollgate ${list} list for the names there are; case counts.`,
  }
}

function deadPlan({ directory, plans }: Installation, plan: PlanRules, within: readonly Candidate[]): Finding {
  const on = directory.tenants().filter((tenant) => plans.canonical(tenant.plan)?.id === plan.id)
  const builtin = within.some(({ provider }) => provider.builtin)
  const reach = builtin ? 'only the built-in provider' : 'no model at all'
  const why = within.some(({ provider }) => hasAddress(provider) && !provider.builtin)
    ? 'no platform key is set for the models it lists, and it does not allow own keys'
    : 'its lists of models and providers have nothing in common'
  return {
    level: builtin ? 'info' : on.length > 0 ? 'error' : 'warn',
    code: 'plan_reaches_nothing',
    subject: plan.id,
    sentence: `Plan ${plan.id} reaches ${reach}: ${why} (${plan.rule('models')}).`,
    fix: "Set a provider's platform key in the environment, e.g. OPENAI_API_KEY, or let the plan allow own keys (byok).",
  }
}

function memo(ask: (word: string) => boolean): (word: string) => boolean {
  const known = new Map<string, boolean>()
  return (word) => {
    const answer = known.get(word) ?? ask(word)
    known.set(word, answer)
    return answer
  }
}
