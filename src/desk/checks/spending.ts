import type { PlanRules } from '../../contract/plan.ts'
import type { Provider } from '../../contract/provider.ts'
import { hasAddress, type Installation } from './finding.ts'

/** Can the platform's side call this provider: with a key of its own, or since none is asked for? */
export function platformReaches({ keys }: Installation, provider: Provider): boolean {
  return hasAddress(provider) && (provider.credential === 'none' || keys.platform(provider)?.state === 'usable')
}

/** Would the platform pay for this provider under this plan? */
export function paysFor(installation: Installation, plan: PlanRules, provider: Provider): boolean {
  return (plan.platform_keys !== 'never' || provider.credential === 'none') && platformReaches(installation, provider)
}
