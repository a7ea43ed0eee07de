import { resolve } from 'node:path'
import type { z } from 'zod'
import type { EventType } from '../contract/event.ts'
import type { ForeignTable } from '../contract/foreign.ts'
import type { SettingKey } from '../contract/ids.ts'
import type { Deadlines } from '../contract/provider.ts'
import { Secret } from '../contract/secret.ts'
import { type Checked, check, checked, problem } from './check.ts'
import { type Environment, environmentSchema, environmentSource, foldersOf, withoutBlanks } from './env.ts'
import { foreignTable, foreignWithoutDatabase } from './foreign.ts'
import { gatewayFile } from './gateway.ts'
import { isLoopback } from './listener.ts'
import { OVERLOAD, type Overload } from './overload.ts'
import type { ConfigProblem } from './problems.ts'
import { oddRedisUrl, REDIS, type RedisSettings } from './redis.ts'
import { SecretFiles } from './secret-files.ts'
import { SIZES, type Sizes } from './sizes.ts'
import type { Path, Source } from './yaml.ts'

/** How the gateway runs: `gateway.yaml` with the environment over it. Durations in milliseconds, sizes in bytes. */
export interface Settings {
  readonly host: string
  readonly port: number
  /** Where `/admin`, `/console` and `/metrics` are; undefined: on the same port. */
  readonly adminAddr: { readonly host: string; readonly port: number } | undefined
  /** Absolute. */
  readonly configFolder: string
  /** Undefined: there is none, and all is kept in memory. */
  readonly dataFolder: string | undefined
  readonly databaseUrl: Secret | undefined
  /** The installation's own tables of tenants and settings, where those are read in place of ours. */
  readonly tenantsFrom: ForeignTable | undefined
  readonly settingsFrom: ForeignTable | undefined
  readonly redisUrl: Secret | undefined
  readonly redis: RedisSettings
  readonly overload: Overload
  /** `k2:<base64>,k1:…`, from the environment or a file; undefined where none was given. */
  readonly masterKeys: Secret | undefined
  readonly adminKey: Secret | undefined
  readonly trustedProxies: readonly string[]
  readonly corsOrigins: readonly string[]
  readonly plaintextRows: 'accept' | 'refuse'
  readonly openers: readonly OpenerSettings[]
  /** Ids of providers for which a tenant may bring its own endpoint. */
  readonly tenantEndpoints: readonly string[]
  readonly catalog: CatalogSettings | undefined
  readonly events: readonly EventSettings[]
  readonly ledgerExport: readonly ExportSettings[]
  readonly retention: RetentionSettings
  readonly deadlines: Deadlines
  readonly sizes: Sizes
  readonly drainDelay: number
  readonly drainTimeout: number
  /** Whether an empty store gets demo tenants. */
  readonly demo: boolean
  /** IANA name; where days, weeks and months of budgets begin. */
  readonly timezone: string
  /** By provider id, as `gateway.yaml` has them; `baseUrlOf` lays the environment over them. */
  readonly baseUrls: Readonly<Record<string, string>>
  /** The platform's own key under this name; an empty value is no key. */
  platformKey(name: SettingKey): Secret | undefined
  /** The content of the file whose path is in this variable of the environment, or why it cannot be read. */
  platformFile(name: SettingKey): Secret | { readonly trouble: string } | undefined
}

/** Where refreshed prices come from. */
export interface CatalogSettings {
  readonly url: string
  /** Milliseconds between two refreshes; undefined: only when asked. */
  readonly every?: number | undefined
  /** On the operator's own network. */
  readonly private: boolean
}

/** An address that hears of events. */
export interface EventSettings {
  readonly url: string
  /** What its messages are signed with. */
  readonly secret: Secret
  /** Empty: all. */
  readonly types: readonly EventType[]
  /** On the operator's own network. */
  readonly private: boolean
}

/** Who must hear of every attempt that ended: an address, or a folder. */
export type ExportSettings = { readonly name: string } & (
  | { readonly url: string; readonly secret: Secret; readonly private: boolean }
  | { readonly folder: string; readonly mostBytes: number }
)

/** Milliseconds; undefined: for ever. */
export interface RetentionSettings {
  readonly attempts: number | undefined
  readonly hourlySums: number | undefined
}

/** How another system's envelopes in `tenant_settings` are opened. */
export interface OpenerSettings {
  readonly type: 'fernet' | 'aes-256-gcm'
  /** How its envelopes begin, where the type alone does not tell. */
  readonly prefix: string | undefined
  readonly key: Secret
}

const DEADLINES: Deadlines = { connect: 5_000, firstByte: 120_000, firstByteUnstreamed: 600_000, progress: 60_000, total: 1_800_000 }

/** `gateway.yaml` and the environment as one, or everything that is wrong with either. */
export function readSettings(file: Source, env: Environment): Checked<Settings> {
  const variables = environmentSource(env)
  const yaml = check(gatewayFile, file)
  const given = check(environmentSchema, variables)
  if (!yaml.value || !given.value) return { value: undefined, problems: [...yaml.problems, ...given.problems] }
  const written: Written = {
    file,
    yaml: yaml.value,
    variables,
    given: given.value,
    env,
    folder: foldersOf(env).config,
    files: new SecretFiles(),
  }
  const settings: Settings = { ...plainSettings(written), ...secretSettings(written) }
  return checked(settings, [
    ...written.files.problems,
    ...weakAdminKey(written, settings.adminKey),
    ...foreignWithoutDatabase(file, { tenants_from: settings.tenantsFrom, settings_from: settings.settingsFrom }, settings.databaseUrl),
    ...oddRedisUrl(file, settings.redisUrl),
  ])
}

interface Written {
  readonly file: Source
  readonly yaml: z.infer<typeof gatewayFile>
  readonly variables: Source
  readonly given: z.infer<typeof environmentSchema>
  readonly env: Environment
  readonly folder: string
  readonly files: SecretFiles
}

function plainSettings({ file, yaml, given, env }: Written) {
  const folders = foldersOf(env)
  const host = given.TOLLGATE_HOST ?? yaml.host ?? '127.0.0.1'
  return {
    host,
    port: given.PORT ?? yaml.port ?? 4000,
    adminAddr: given.ADMIN_ADDR ?? yaml.adminAddr,
    configFolder: folders.config,
    dataFolder: folders.data,
    tenantsFrom: foreignTable(file, 'tenants_from', yaml.tenantsFrom),
    settingsFrom: foreignTable(file, 'settings_from', yaml.settingsFrom),
    trustedProxies: yaml.trustedProxies ?? [],
    corsOrigins: yaml.corsOrigins ?? [],
    plaintextRows: yaml.plaintextRows ?? 'accept',
    tenantEndpoints: yaml.tenantEndpoints ?? [],
    catalog: yaml.catalog,
    retention: retentionOf(yaml.retention),
    deadlines: { ...DEADLINES, ...yaml.deadlines },
    sizes: { ...SIZES, ...yaml.sizes },
    // A proxy in front needs time to see that we are no longer ready; on this machine there is none.
    drainDelay: given.DRAIN_DELAY ?? yaml.drainDelay ?? (isLoopback(host) ? 0 : 5_000),
    drainTimeout: given.DRAIN_TIMEOUT ?? yaml.drainTimeout ?? 60_000,
    demo: given.TOLLGATE_DEMO ?? yaml.demo ?? true,
    timezone: yaml.timezone ?? 'UTC',
    baseUrls: yaml.baseUrls ?? {},
    redis: { ...REDIS, ...yaml.redis },
    overload: { ...OVERLOAD, ...yaml.overload },
  }
}

const DAY = 24 * 3_600_000
const RETENTION = { attempts: 400 * DAY, hourlySums: 60 * DAY }

function retentionOf(given: Written['yaml']['retention']): RetentionSettings {
  const { attempts, hourlySums } = { ...RETENTION, ...given }
  return { attempts: attempts === 'none' ? undefined : attempts, hourlySums: hourlySums === 'none' ? undefined : hourlySums }
}

function secretSettings(written: Written) {
  const { file, yaml, variables, given, folder, files } = written
  const inFile = (path: string | undefined, at: Path): Secret | undefined => files.read(file, at, { path, folder })
  const plain = (text: string | undefined): Secret | undefined => (text === undefined ? undefined : new Secret(text))
  const masterFile = given.TOLLGATE_MASTER_KEYS_FILE
  return {
    databaseUrl: plain(given.DATABASE_URL ?? yaml.databaseUrl) ?? inFile(yaml.databaseUrlFile, ['database_url_file']),
    redisUrl: plain(given.REDIS_URL ?? yaml.redisUrl) ?? inFile(yaml.redisUrlFile, ['redis_url_file']),
    masterKeys:
      plain(given.TOLLGATE_MASTER_KEYS) ??
      files.read(variables, ['TOLLGATE_MASTER_KEYS_FILE'], { path: masterFile, folder: '.' }) ??
      inFile(masterFile === undefined ? yaml.masterKeysFile : undefined, ['master_keys_file']),
    adminKey: plain(given.TOLLGATE_ADMIN_KEY) ?? inFile(yaml.adminKeyFile, ['admin_key_file']),
    openers: (yaml.secrets?.openers ?? []).flatMap((opener, index): OpenerSettings[] => {
      const key = inFile(opener.key_file, ['secrets', 'openers', index, 'key_file'])
      return key ? [{ type: opener.type, prefix: 'prefix' in opener ? opener.prefix : undefined, key }] : []
    }),
    events: (yaml.events ?? []).flatMap(({ secret_file, ...hook }, index): EventSettings[] => {
      const secret = inFile(secret_file, ['events', index, 'secret_file'])
      return secret ? [{ ...hook, secret }] : []
    }),
    ledgerExport: (yaml.ledgerExport ?? []).flatMap((to, index): ExportSettings[] => {
      if ('folder' in to) return [{ name: to.name, folder: resolve(folder, to.folder), mostBytes: to.most_bytes }]
      const secret = inFile(to.secret_file, ['ledger_export', index, 'secret_file'])
      return secret ? [{ name: to.name, url: to.url, private: to.private, secret }] : []
    }),
    platformKey: platformKeys(written),
    platformFile: platformFiles(written),
  }
}

function platformKeys({ yaml, env, file, folder, files }: Written): (name: SettingKey) => Secret | undefined {
  const known = new Map<string, Secret>()
  for (const [name, path] of Object.entries(yaml.platformKeys ?? {})) {
    const key = files.read(file, ['platform_keys', name], { path, folder })
    if (key) known.set(name, key)
  }
  for (const [name, value] of Object.entries(withoutBlanks(env))) known.set(name, new Secret(value))
  return (name) => known.get(name)
}

function platformFiles({ env, variables }: Written): Settings['platformFile'] {
  const paths = withoutBlanks(env)
  return (name) => {
    const files = new SecretFiles()
    const content = files.read(variables, [name], { path: paths[name], folder: '.' })
    const [wrong] = files.problems
    return wrong ? { trouble: wrong.message.replace(/\.$/, '') } : content
  }
}

const SHORTEST_ADMIN_KEY = 32
/** Words that guides and examples put where a secret belongs, here repeated until they are long enough. */
const WELL_KNOWN = /^(?:(?:change[-_ ]?me|secret|password|admin|tollgate|example|test|default|0123456789(?:abcdef)?|1234567890?)[-_]?)+$/i

function weakAdminKey({ file, variables, given }: Written, key: Secret | undefined): ConfigProblem[] {
  if (!key) return []
  const words = weaknessOf(key.reveal())
  if (words === undefined) return []
  return [
    given.TOLLGATE_ADMIN_KEY === undefined ? problem(file, ['admin_key_file'], words) : problem(variables, ['TOLLGATE_ADMIN_KEY'], words),
  ]
}

function weaknessOf(key: string): string | undefined {
  const advice = 'make one with: openssl rand -hex 32'
  if (key.length < SHORTEST_ADMIN_KEY) return `The admin key is shorter than ${SHORTEST_ADMIN_KEY} characters; ${advice}`
  return WELL_KNOWN.test(key) ? `The admin key is a well-known one; ${advice}` : undefined
}
