import type { Candidate } from '../../contract/catalog.ts'
import type { PlanRules } from '../../contract/plan.ts'
import type { Provider } from '../../contract/provider.ts'
import { type Check, counted, type Finding, hasAddress, type Installation, listed } from './finding.ts'
import { paysFor, platformReaches } from './spending.ts'

/** Models without a known price on the platform's money: refused by one plan, served and booked as unknown by another. */
export const unpricedModels: Check = (installation) => {
  const unpriced = installation.catalog.candidates().filter(({ price, provider }) => !price && !provider.builtin)
  return installation.plans.all().flatMap((plan) => {
    const admits = ({ names, provider }: Candidate) =>
      plan.allowsModel(names) && plan.allowsProvider(provider.id) && paysFor(installation, plan, provider)
    const reached = unpriced.filter(admits)
    return reached.length === 0 ? [] : [unpricedIn(plan, reached)]
  })
}

/** Models that the platform pays for and their vendor is about to end, or has. */
export const endingModels: Check = (installation) => {
  const ending = installation.catalog
    .candidates()
    .filter(({ model, provider }) => model && model.lifecycle !== 'active' && platformReaches(installation, provider))
  const groups = Map.groupBy(ending, ({ model, provider }) => `${model?.lifecycle} ${provider.id}`)
  return [...groups.values()].flatMap((models) => (models[0] ? [endingGroup(models[0], models)] : []))
}

/** Aliases and routes of models.yaml that lead to nothing, or to what ends. */
export const troubledNames: Check = ({ catalog, host: { models } }) =>
  [...Object.keys(models.aliases), ...Object.keys(models.routes)].flatMap((name): Finding[] => {
    const { candidates, warning } = catalog.resolve(name)
    const about = { subject: name, fix: 'Let it name another model in models.yaml.' }
    const leads = `The name ${name} of models.yaml leads to`
    if (candidates.length === 0) return [{ ...about, level: 'warn', code: 'name_leads_nowhere', sentence: `${leads} no model.` }]
    return warning ? [{ ...about, level: 'info', code: 'model_ending', sentence: `${leads} a model that is ${warning}.` }] : []
  })

/** Providers that a plan or a platform key speaks of by name, and nobody said where they are. */
export const addressless: Check = (installation) =>
  installation.registry.providers
    .filter((provider) => !hasAddress(provider))
    .flatMap((provider): Finding[] => {
      const by = meantBy(installation, provider)
      if (by.length === 0) return []
      const sentence = `${provider.name} has no address, and is meant by ${by.join(' and ')}.`
      const fix = `Give ${provider.id} a base_url in providers.yaml.`
      return [{ level: 'warn', code: 'provider_without_address', subject: provider.id, sentence, fix }]
    })

function unpricedIn(plan: PlanRules, models: readonly Candidate[]): Finding {
  const allow = plan.unpriced === 'allow'
  const does = allow ? 'serves' : 'refuses'
  return {
    level: allow ? 'warn' : 'info',
    code: 'model_unpriced',
    subject: plan.id,
    sentence: `Plan ${plan.id} ${does} ${countModels(models)} on the platform's money without a known price (${plan.rule('unpriced')}).`,
    fix: 'Give their prices in models.yaml.',
  }
}

function endingGroup({ model, provider }: Candidate, models: readonly Candidate[]): Finding {
  const retired = model?.lifecycle === 'retired'
  return {
    level: retired ? 'warn' : 'info',
    code: 'model_ending',
    subject: provider.id,
    sentence: `${provider.name} ${retired ? 'has ended' : 'will end'} ${countModels(models)}, which tenants can still ask for.`,
    fix: successors(models) || 'Tell the tenants who use them, or exclude them from the plans.',
  }
}

function successors(models: readonly Candidate[]): string {
  const named = models.flatMap(({ model }) => (model?.successor ? [`${model.id} -> ${model.successor}`] : []))
  return named.length > 0 ? `The vendor names successors: ${listed(named)}.` : ''
}

function meantBy({ keys, plans }: Installation, provider: Provider): string[] {
  const key = keys.platform(provider)?.settingKey
  const naming = plans.all().filter((plan) => [...plan.providers, ...plan.byok.providers].includes(provider.id))
  const ids = naming.map(({ id }) => id)
  return [...(key ? [`the platform key ${key}`] : []), ...(ids.length > 0 ? [counted('plan', ids)] : [])]
}

function countModels(candidates: readonly Candidate[]): string {
  const names = candidates.map((candidate) => candidate.names.qualified)
  return counted('model', names)
}
