import type { Caller } from '../../contract/caller.ts'
import type { PlanRules } from '../../contract/plan.ts'
import type { Desk } from '../../desk/desk.ts'
import type { Operator } from '../../desk/operator.ts'
import type { Audience } from '../../explain/explain.ts'
import { route } from '../route.ts'

/** What a route of a tenant's own page works with. */
export interface TenantContext extends Caller {
  readonly desk: Desk
  readonly by: Operator
  /** Undefined where no file defines it: then nothing is exposed. */
  readonly plan: PlanRules | undefined
  readonly audience: Audience
}

export const tenantRoute = route<TenantContext>()
