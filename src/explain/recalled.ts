import type { Caller } from '../contract/caller.ts'
import type { Ask, Snapshot } from '../contract/decision.ts'
import type { Gateway } from '../contract/gateway.ts'

/** Reads what the books have of all that counts this caller, for whoever asks before spending: a call learns of it as it is noted. */
export async function recalled(
  { limits }: Pick<Gateway, 'limits'>,
  snapshot: Snapshot,
  { caller, ask }: { caller: Caller; ask: Ask },
): Promise<void> {
  const plan = snapshot.planOf(caller.tenant)
  if (plan) await limits.recall(caller, plan, ask)
}
