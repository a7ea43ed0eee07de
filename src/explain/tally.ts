// `214 offers: 201 not in plan team; 9 without a key: looked for …; 3 cannot call tools`: why nothing is left, in one line.

import type { DecisionCode, Rejection } from '../contract/decision.ts'

/** `spokesmen` has one rejection for each candidate, so that the counts add up. */
export function tally(spokesmen: readonly Rejection[], plan: string): string {
  const alike = Map.groupBy(spokesmen, ({ code, detail }) => `${code} ${detail?.['capability'] ?? ''}`)
  const groups = [...alike.values()].sort((a, b) => b.length - a.length)
  const said = groups.flatMap((group) => (group[0] ? [`${group.length} ${WORDS[group[0].code]({ group, first: group[0], plan })}`] : []))
  return `${spokesmen.length} offers: ${said.join('; ')}`
}

interface Group {
  readonly group: readonly Rejection[]
  readonly first: Rejection
  readonly plan: string
}

const WORDS: { readonly [code in DecisionCode]: (group: Group) => string } = {
  model_not_found: () => 'unknown',
  response_not_found: ({ first }) => `where ${first.detail?.['id']} is not kept`,
  unsupported_parameter: ({ first }) => `that take no ${first.detail?.['param']}`,
  route_condition_unmet: () => 'that the route has for other requests',
  plan_unknown: () => 'on a plan that no file defines',
  model_not_in_plan: ({ plan, first }) => (first.detail?.['by'] === 'key' ? 'not allowed by this gateway key' : `not in plan ${plan}`),
  endpoint_not_in_plan: ({ plan }) => `at an endpoint that plan ${plan} leaves out`,
  provider_not_in_plan: ({ plan }) => `of providers that plan ${plan} leaves out`,
  byok_not_in_plan: ({ plan }) => `that plan ${plan} takes no own key for`,
  credential_missing: ({ group }) => `without a key: looked for ${names(group)}`,
  credential_unreadable: ({ group }) => `with a key that cannot be read: ${names(group)}`,
  credential_invalid: ({ group }) => `with a key that the provider refuses: ${names(group)}`,
  capability_missing: ({ first }) =>
    `cannot ${CAPABILITY[String(first.detail?.['capability'])] ?? `serve ${first.detail?.['capability']}`}`,
  context_too_long: ({ first }) => `with a context below the ${first.detail?.['at_least']} tokens or more of this prompt`,
  price_unknown: () => 'without a known price',
  provider_unavailable: ({ group }) => `cooling down or unreachable${until(group)}`,
  provider_disabled: ({ group }) => `switched off${until(group)}`,
  rate_limit_exceeded: ({ first }) => `beyond the limit of ${first.detail?.['limit']}`,
  concurrency_limit_exceeded: () => 'beyond the limit of requests at a time',
  budget_exceeded: ({ first }) => (first.detail?.['limit'] === 'budget' ? 'beyond the budget' : `beyond the ${first.detail?.['limit']}`),
  request_exceeds_limit: ({ first }) => `for which this one request exceeds ${first.detail?.['limit']}`,
}

const CAPABILITY: Readonly<Record<string, string>> = {
  tools: 'call tools',
  vision: 'see images',
  audio: 'hear',
  files: 'read files',
  json_schema: 'keep to a JSON schema',
}

const MOST = 4

/** The keys that would have been found first. */
function names(group: readonly Rejection[]): string {
  const all = [...new Set(group.map(({ lookedFor, detail }) => String(lookedFor?.[0]?.setting_key ?? detail?.['setting_key'] ?? 'none')))]
  const more = all.length - MOST
  return more > 0 ? `${all.slice(0, MOST).join(', ')} and ${more} more` : all.join(', ')
}

/** The first of them to be back. */
function until(group: readonly Rejection[]): string {
  const times = group.flatMap(({ detail }) => (typeof detail?.['until'] === 'string' ? [detail['until']] : []))
  const [first] = times.sort()
  return first === undefined ? '' : ` until ${first}`
}
