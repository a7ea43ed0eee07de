// What would surprise an operator: every check is a function of its own, and changes nothing.

import { addressless, endingModels, troubledNames, unpricedModels } from './checks/catalogue.ts'
import { stuckExports } from './checks/exports.ts'
import { type Check, type Finding, type Installation, LEVELS } from './checks/finding.ts'
import { ailingProviders, runningIncidents } from './checks/health.ts'
import {
  brokenPlatformKeys,
  differingPlatformKeys,
  exposedAdmin,
  leftoverKey,
  looseCommits,
  oldNode,
  openFiles,
  plaintextAccepted,
  sharedLimits,
  unfencedRows,
} from './checks/host.ts'
import { idlePlatformKeys, idleTenantKeys } from './checks/idle-keys.ts'
import { deadPlans, emptyFallbacks, emptyWords, sharedAccounts } from './checks/plans.ts'
import { unreachingPlans } from './checks/reach.ts'
import { deadRoutes } from './checks/routes.ts'
import { oddRows } from './checks/rows.ts'
import { formerPlans, sharedNames, unknownPlans, unknownStatuses } from './checks/tenants.ts'
import { endingInUse, unpricedInUse } from './checks/used.ts'

export { type Finding, type Host, type Installation, LEVELS, type Level } from './checks/finding.ts'

const CHECKS: readonly Check[] = [
  unknownPlans,
  unknownStatuses,
  sharedNames,
  oddRows,
  formerPlans,
  deadPlans,
  unreachingPlans,
  idlePlatformKeys,
  idleTenantKeys,
  deadRoutes,
  emptyWords,
  sharedAccounts,
  unpricedInUse,
  endingInUse,
  emptyFallbacks,
  unpricedModels,
  endingModels,
  troubledNames,
  addressless,
  ailingProviders,
  runningIncidents,
  stuckExports,
  brokenPlatformKeys,
  differingPlatformKeys,
  openFiles,
  looseCommits,
  sharedLimits,
  unfencedRows,
  exposedAdmin,
  leftoverKey,
  plaintextAccepted,
  oldNode,
]

/** All findings, errors first. */
export async function doctor(installation: Installation): Promise<Finding[]> {
  const findings = (await Promise.all(CHECKS.map((check) => check(installation)))).flat()
  return findings.toSorted((a, b) => LEVELS.indexOf(a.level) - LEVELS.indexOf(b.level))
}
