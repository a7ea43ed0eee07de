import type { Secret } from '../contract/secret.ts'

/** Runs the gateway; resolves once it listens. */
export type Serve = (options: { readonly record: string | undefined; readonly replay: string | undefined }) => Promise<void>

/** What only the machine with the files can do. Objects are what `--json` prints. */
export interface Local {
  /** Throws an error with a line for each thing that is wrong. */
  checkConfig(): Promise<ConfigReport>
  /** What would happen if the files of `folder` took the place of those in force; undefined: what those change over the shipped ones. */
  diffConfig(folder: string | undefined): Promise<ConfigDiff>
  databaseStatus(): Promise<DatabaseStatus>
  /** Opening brings the schema up to date. */
  migrateDatabase(): Promise<DatabaseStatus>
  /** SQL for the owner of another program's tables. */
  databaseTriggers(): Promise<string>
  /** A consistent copy, made while the database is in use. Refuses to write over a file. */
  backupDatabase(file: string): Promise<Backup>
  /** From the file in the data folder to the PostgreSQL database that `DATABASE_URL` names, or that is asked for. The file stays as it is. */
  moveDatabase(askTarget: () => Promise<Secret>): Promise<DatabaseMove>
  masterKeys(): Promise<MasterKeyStatus>
  rotateMasterKeys(): Promise<MasterKeyRotation>
  verifyLedger(): Promise<LedgerReport>
  /** Replays what was asked under a changed configuration. */
  simulate(options: SimulateOptions): Promise<SimulationReport>
}

/** What is changed, and how many days back asks are replayed. */
export interface SimulateOptions {
  readonly days: number
  /** A plans.yaml, a list of models and prices, a folder with all files. */
  readonly plans: string | undefined
  readonly catalog: string | undefined
  readonly folder: string | undefined
  readonly without: readonly string[]
}

export interface SimulationReport {
  readonly calls: number
  readonly skipped: number
  /** Calls that are served now and would be refused. */
  readonly lost: number
  readonly gained: number
  readonly rerouted: number
  readonly changes: readonly {
    readonly kind: 'lost' | 'gained' | 'rerouted' | 'repriced'
    readonly tenant: string
    readonly model: string
    readonly calls: number
    readonly from: string
    readonly to: string
    readonly because: string | undefined
  }[]
  readonly before: SimulatedSums
  readonly after: SimulatedSums
}

export interface SimulatedSums {
  readonly refused: number
  readonly waived: number
  readonly cost_usd: string
  readonly charge_usd: string
  readonly unpriced: number
}

export interface ConfigReport {
  readonly config: string
  readonly files: readonly string[]
  readonly plans: readonly string[]
  readonly providers: number
  readonly models: number
  readonly warnings: readonly string[]
}

export interface ConfigDiff {
  readonly from: string
  readonly to: string
  readonly changes: readonly { readonly path: string; readonly sentence: string }[]
  /** Plans that tenants are on and that the change would take away: the server refuses it. */
  readonly orphans: readonly { readonly plan: string; readonly tenants: number }[]
}

export interface DatabaseStatus {
  readonly engine: string
  readonly version: string
  readonly path: string | undefined
  readonly schema: number
  readonly synchronous: string
  readonly row_security: boolean | undefined
  /** Another program's tables that are read in place of ours. */
  readonly tenants_from: string | undefined
  readonly settings_from: string | undefined
  readonly tenants: number
  readonly settings: number
  readonly keys: number
  readonly attempts: number
  /** Who hears of ended attempts, and how many each has yet to take. */
  readonly exports: readonly {
    readonly destination: string
    readonly waiting: number
    readonly state: string
    readonly error: string | null
  }[]
  /** What replicas share, where the operator named a server for it. */
  readonly shared?: string
}

export interface Backup {
  readonly file: string
  readonly bytes: number
}

export interface DatabaseMove extends LedgerReport {
  /** By table. */
  readonly rows: Readonly<Record<string, number>>
  /** Where the master keys lie that what was moved is sealed under; undefined where they are given in the environment. */
  readonly key_file: string | undefined
}

export interface MasterKeyStatus {
  readonly current: string
  readonly keys: readonly { readonly id: string; readonly given: boolean; readonly rows: number; readonly data_keys: number }[]
}

export interface MasterKeyRotation extends MasterKeyStatus {
  readonly resealed: number
  /** What no given key opens, and why. */
  readonly left: readonly string[]
  /** The file that now holds the new key in front; undefined where the operator gave the keys. */
  readonly file: string | undefined
}

export interface LedgerReport {
  readonly attempts: number
  /** Rows that retention deleted, and the last day of which any was. */
  readonly deleted: { readonly attempts: number; readonly through: string } | undefined
  readonly states: Readonly<Record<string, number>>
  /** One sentence for each thing that does not add up. */
  readonly wrong: readonly string[]
}
