import type { Tenant } from '../../contract/caller.ts'
import { type Check, capital, counted, type Finding, listed } from './finding.ts'

/** Tenants on a plan that no file defines: every request of theirs is refused. */
export const unknownPlans: Check = ({ directory, plans, host }) => {
  const known = plans.all().map(({ id }) => id)
  const move =
    host.store.readOnly.tenants === undefined
      ? 'Move them with tollgate tenants set-plan <tenant> <plan>'
      : 'Say what it means under tenants_from.values.plan in gateway.yaml'
  return byWord(directory.tenants(), ({ plan }) => (plans.canonical(plan) ? undefined : plan), {
    level: 'error',
    code: 'plan_unknown',
    say: (plan, who) => ({
      sentence: `${who} on plan "${plan}", which no file defines: all requests are refused.`,
      fix: `${move} (${known.join(', ')}), or list "${plan}" under a plan's was in plans.yaml.`,
    }),
  })
}

/** Tenants on a former id of a plan: served, and counted until the last is gone. */
export const formerPlans: Check = ({ directory, plans }) =>
  byWord(directory.tenants(), ({ plan }) => (plans.canonical(plan)?.legacy ? plan : undefined), {
    level: 'info',
    code: 'plan_legacy',
    say: (plan, who) => ({
      sentence: `${who} on plan "${plan}", a former name of ${plans.canonical(plan)?.id}.`,
      fix: `Nothing needs doing; tollgate tenants set-plan <tenant> ${plans.canonical(plan)?.id} writes the present name.`,
    }),
  })

/** A status nobody knows serves nobody. */
export const unknownStatuses: Check = ({ directory, host }) =>
  byWord(directory.tenants(), ({ status }) => (KNOWN.has(status) ? undefined : status), {
    level: 'error',
    code: 'status_unknown',
    say: (status, who) => ({
      sentence: `${who} in status "${status}", which means nothing here: all requests are refused.`,
      fix:
        host.store.readOnly.tenants === undefined
          ? 'Use tollgate tenants resume <tenant>, or suspend, so that the status is active or suspended.'
          : 'Say under tenants_from.values.status in gateway.yaml whether it means active or suspended.',
    }),
  })

/** The empty status is what a row written by hand may have, and it serves. */
const KNOWN: ReadonlySet<string> = new Set(['active', 'suspended', ''])

/** A name that leads to two tenants: which of them is served under it is chance. Another program's table may hold such. */
export const sharedNames: Check = ({ directory }) => {
  const names = directory.tenants().flatMap(({ id, slug }) => [...new Set<string>([id, slug])].map((name) => ({ name, id })))
  const leading = Map.groupBy(names, ({ name }) => name)
  return [...leading].flatMap(([name, tenants]) => {
    if (tenants.length === 1) return []
    const who = listed(tenants.map(({ id }) => id))
    const sentence = `The name ${name} leads to several tenants (by id: ${who}): requests that name it are taken for one of them.`
    const fix = "Give each a slug of its own that is no other tenant's id."
    return [{ level: 'error', code: 'tenant_name_shared', subject: name, sentence, fix }]
  })
}

interface Told extends Pick<Finding, 'level' | 'code'> {
  say(word: string, who: string): Pick<Finding, 'sentence' | 'fix'>
}

/** One finding for each odd word, however many tenants have it. */
function byWord(tenants: readonly Tenant[], oddWord: (tenant: Tenant) => string | undefined, { level, code, say }: Told): Finding[] {
  const odd = Map.groupBy(tenants, oddWord)
  return [...odd].flatMap(([word, having]) => {
    if (word === undefined) return []
    const who = counted(
      'tenant',
      having.map(({ slug }) => slug),
    )
    return [{ level, code, subject: word, ...say(word, capital(`${who} ${having.length === 1 ? 'is' : 'are'}`)) }]
  })
}
