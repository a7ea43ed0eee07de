import type { Catalog } from '../contract/catalog.ts'
import type { Gateway } from '../contract/gateway.ts'
import type { Switches } from '../contract/incident.ts'
import type { Overrides } from '../contract/plan.ts'
import type { ReconcileInput, Reconciler } from '../contract/reconciliation.ts'
import type { JudgeList, RefreshReport } from '../contract/refresh.ts'
import type { Registry } from '../contract/registry.ts'
import type { Store } from '../contract/store.ts'
import type { Directory } from '../policy/directory.ts'
import type { KeyHealthWatch } from '../policy/key-health.ts'
import type { PlanBook } from '../policy/plans.ts'
import type { ProviderKeys } from '../policy/provider-keys.ts'
import type { VaultService } from '../policy/sealing/vault.ts'

/** What an operator's operations stand on. The admin API, the tenant's page and the command line all call the same ones. */
export interface Desk {
  /** Milliseconds since the epoch. */
  readonly now: () => number
  readonly random: (bytes: number) => Buffer
  readonly store: Store
  readonly directory: Directory
  readonly vault: VaultService
  readonly keyHealth: KeyHealthWatch
  /** Decides, probes, and knows what is left of limits. */
  readonly gateway: Gateway
  /** Of the configuration in force. */
  rules(): Rules
  providerKeys(): ProviderKeys
  readonly prices: PriceLists
  readonly switches: Switches
  /** Sets the books against a provider's account. */
  readonly reconciler: (input: ReconcileInput) => Reconciler
  readonly overrides: OverridesForm
  /** The base URL of a tenant's own endpoint, normalised. Throws `base_url_not_allowed`. */
  checkEndpoint(baseUrl: string): string
}

/** Where price lists come from, and who judges them. */
export interface PriceLists {
  readonly judge: JudgeList
  /** The snapshot that ships with the code. */
  readonly shipped: string
  /** The address that the configuration names. */
  readonly address: string | undefined
  /** Rejects with a `GatewayError` where nothing whole comes back. */
  fetch(url: string): Promise<string>
  /** Tells those who shall hear of it. */
  refused(report: RefreshReport): Promise<void>
}

export interface Rules {
  readonly plans: PlanBook
  readonly registry: Registry
  readonly catalog: Catalog
  /** Ids of providers for which a tenant may bring its own endpoint. */
  readonly tenantEndpoints: readonly string[]
  /** Where days and months of budgets begin. */
  readonly timezone: string
}

/** A tenant's overrides as they are written in JSON. */
export interface OverridesForm {
  /** Throws `invalid_value` naming all that is wrong. */
  parse(input: unknown): Overrides
  encode(overrides: Overrides): Readonly<Record<string, unknown>>
}
