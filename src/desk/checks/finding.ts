import type { Catalog, OperatorModels } from '../../contract/catalog.ts'
import type { Snapshot } from '../../contract/decision.ts'
import type { ExportStanding } from '../../contract/export.ts'
import type { KeyReport } from '../../contract/health.ts'
import type { SettingKey } from '../../contract/ids.ts'
import type { Incident } from '../../contract/incident.ts'
import type { Provider } from '../../contract/provider.ts'
import type { Registry } from '../../contract/registry.ts'
import type { Secret } from '../../contract/secret.ts'
import type { StoreStatus, UsageSum } from '../../contract/store.ts'
import type { Directory } from '../../policy/directory.ts'
import type { PlanBook } from '../../policy/plans.ts'
import type { ProviderKeys } from '../../policy/provider-keys.ts'

/** Errors refuse or endanger something now, warnings will surprise, infos are good to know. */
export const LEVELS = ['error', 'warn', 'info'] as const

export type Level = (typeof LEVELS)[number]

/** One thing that would surprise an operator. */
export interface Finding {
  readonly level: Level
  /** Stable, for alarms. */
  readonly code: string
  /** What it is about: a plan, a setting key, a provider, a file. */
  readonly subject: string
  readonly sentence: string
  /** What to do, often a command. */
  readonly fix: string
}

/** An installation as the checks see it: all in memory, and nothing is changed. */
export interface Installation {
  readonly directory: Pick<Directory, 'tenants' | 'rowsOf'>
  readonly keys: ProviderKeys
  readonly registry: Registry
  readonly catalog: Catalog
  readonly plans: PlanBook
  readonly host: Host
  /** What calls are decided by, now. */
  readonly snapshot: Snapshot
  /** What this process found out about providers and keys from its own traffic. */
  readonly health: readonly KeyReport[]
  readonly incidents: readonly Incident[]
  /** Of the destinations that the configuration names. */
  readonly exports: readonly ExportStanding[]
  /** What was used in the last thirty days, by tenant and model. */
  readonly used: readonly UsageSum[]
}

/** How it was set up and where it runs. */
export interface Host {
  readonly listens: { readonly host: string; readonly admin: string | undefined }
  readonly plaintextRows: 'accept' | 'refuse'
  /** The operator's own aliases and routes. */
  readonly models: OperatorModels
  platformKey(name: SettingKey): Secret | undefined
  /** Files that hold secrets and are there, with their permission bits. */
  readonly files: readonly { readonly path: string; readonly mode: number }[]
  /** E.g. `26.10.0`. */
  readonly node: string
  readonly store: Pick<StoreStatus, 'engine' | 'synchronous' | 'rowSecurity' | 'readOnly'>
  /** Undefined: the operator named no server that replicas share. */
  readonly shared:
    | { readonly at: string; readonly usable: boolean; readonly trouble: string; readonly evicts: string | undefined }
    | undefined
}

/** Finds what is wrong in one respect. */
export type Check = (installation: Installation) => readonly Finding[] | Promise<readonly Finding[]>

/** `a, b, c and 4 more`. */
export function listed(names: readonly string[], most = 5): string {
  const more = names.length - most
  return more > 0 ? `${names.slice(0, most).join(', ')} and ${more} more` : names.join(', ')
}

/** `tenant acme`, or `3 tenants (acme, brennan, zed)`. */
export function counted(noun: string, names: readonly string[]): string {
  return names.length === 1 ? `${noun} ${names[0]}` : `${names.length} ${noun}s (${listed(names)})`
}

export const capital = (sentence: string): string => sentence.charAt(0).toUpperCase() + sentence.slice(1)

export const hasAddress = ({ baseUrl, builtin }: Provider): boolean => baseUrl !== undefined || builtin === true
