import type { Desk } from '../../desk/desk.ts'
import type { Finding } from '../../desk/doctor.ts'
import type { Operator } from '../../desk/operator.ts'
import { route } from '../route.ts'

/** What an admin route works with: who acts, and the desk he sits at. */
export interface AdminContext {
  readonly desk: Desk
  readonly by: Operator
  doctor(): Promise<readonly Finding[]>
}

export const adminRoute = route<AdminContext>()
