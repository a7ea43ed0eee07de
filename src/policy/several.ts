import type { Parts } from '../contract/auth.ts'
import type { Credential } from '../contract/decision.ts'
import type { KeyHealth } from '../contract/health.ts'
import { type SettingKey, settingKey, type TenantId } from '../contract/ids.ts'
import type { KeyShare } from '../contract/pool.ts'
import type { Provider } from '../contract/provider.ts'
import { Secret } from '../contract/secret.ts'
import type { Opened } from '../contract/vault.ts'
import { GatewayError } from '../errors.ts'
import { type Place, readable, unreadable } from './credential.ts'
import { type Lacking, readParts, type Whole } from './parts.ts'
import { decodeValue } from './sealing/value.ts'

/** Credentials of several parts: a tenant's row, or the platform's environment. */
export interface Several {
  readonly provider: Provider
  readonly place: Place
  readonly tenant: TenantId | undefined
  readonly given: Parts
  /** The parts once more, when they are sent; what is remembered of them meanwhile holds no secret. */
  readonly again: () => Parts
  readonly share?: KeyShare | undefined
}

export interface Eyes {
  readonly health: KeyHealth
  readonly fingerprint: (tenant: TenantId | undefined, secret: Secret) => string
}

/** The credential that the parts make, or an unreadable one that names what they lack. */
export function several({ provider, place, tenant, given, again, share }: Several, { health, fingerprint }: Eyes): Credential {
  const read = readParts(provider, given, place.source)
  if ('trouble' in read) return unreadable(place, `it ${read.trouble}${remedy(provider, place, read.part)}`)
  const { way, parts, fields } = read
  const principal = way.principal ?? way.needs[0] ?? 'key'
  // As long as what was opened is held open, and no longer.
  const known = new WeakMap<Parts, Parts>()
  const whole = (): Parts => {
    const opened = again()
    const now = known.get(opened) ?? wholeOf(readParts(provider, opened, place.source), place)
    known.set(opened, now)
    return now
  }
  return readable(place, {
    last4: parts[principal]?.last4,
    fields,
    way,
    ref: { provider, tenant, fingerprint: fingerprint(tenant, together(read)) },
    health,
    secret: () => whole()[principal],
    parts: whole,
    share,
  })
}

function wholeOf(read: Whole | Lacking, { settingKey }: Place): Parts {
  if ('parts' in read) return read.parts
  throw new GatewayError('credential_unreadable', `The key stored as ${settingKey} can no longer be read. Store it again.`)
}

/** A row's value, as parts. */
export const partsOfRow = (opened: Opened): Parts =>
  opened.state === 'open' ? { ...opened.fields, ...(opened.key && { key: opened.key }) } : {}

/** One of a row's keys; nothing where it is no longer there. */
export const partsOfPooled = (opened: Opened, at: number): Parts => (opened.state === 'open' ? (opened.pool?.[at]?.parts ?? {}) : {})

export interface PlatformEnvironment {
  readonly platform: (name: SettingKey) => Secret | undefined
  /** The content of the file that the variable names, or why it cannot be read. */
  readonly platformFile: (name: SettingKey) => Secret | { readonly trouble: string } | undefined
}

/** The platform's own, from whichever of its variables are set; undefined where none of them holds a secret. */
export function platformCredential(
  provider: Provider,
  names: readonly SettingKey[],
  at: PlatformEnvironment & Eyes,
): Credential | undefined {
  const found: Found[] = []
  const whole = names.find((name) => at.platform(name) !== undefined)
  if (whole) for (const [part, secret] of Object.entries(partsOfText(at.platform(whole)))) found.push([part, secret, whole])
  for (const [part, { env = [], fileEnv = [] }] of Object.entries(provider.credentials?.parts ?? {})) {
    for (const name of env.map(settingKey)) push(found, [part, at.platform(name), name])
    for (const name of fileEnv.map(settingKey)) {
      const file = at.platformFile(name)
      if (file && 'trouble' in file) return unreadable({ source: 'platform', settingKey: name, via: 'platform' }, file.trouble)
      push(found, [part, file, name])
    }
  }
  const telling = found.find(([part]) => tells(provider, part))
  if (!telling) return undefined
  const given = Object.fromEntries(found.map(([part, secret]) => [part, secret]))
  const place: Place = { source: 'platform', settingKey: telling[2], via: 'platform' }
  return several({ provider, place, tenant: undefined, given, again: () => given }, at)
}

/** What the platform's variables say of where its keys lead, for those that do not say it themselves. */
export function placesFromEnvironment({ credentials }: Provider, { platform }: Pick<PlatformEnvironment, 'platform'>): Parts {
  const places = Object.entries(credentials?.parts ?? {}).flatMap(([part, { secret, env = [] }]): [string, Secret][] => {
    const value = secret ? undefined : env.map((name) => platform(settingKey(name))).find((found) => found !== undefined)
    return value ? [[part, value]] : []
  })
  return Object.fromEntries(places)
}

/** Variables that may hold what tells the platform's credential apart. */
export const platformNames = ({ credentials }: Provider): readonly SettingKey[] =>
  Object.entries(credentials?.parts ?? {}).flatMap(([, { secret, env = [], fileEnv = [] }]) =>
    secret ? [...env, ...fileEnv].map(settingKey) : [],
  )

type Found = [part: string, secret: Secret, name: SettingKey]

/** The first of a part's variables that is set counts. */
function push(found: Found[], [part, secret, name]: [string, Secret | undefined, SettingKey]): void {
  if (secret && !found.some(([other]) => other === part)) found.push([part, secret, name])
}

/** A region or a project alone is no credential. */
const tells = ({ credentials }: Provider, part: string): boolean =>
  credentials?.parts[part]?.secret !== false || credentials.ways.some(({ platformOnly, needs }) => platformOnly && needs[0] === part)

const partsOfText = (text: Secret | undefined): Parts => (text ? partsOfRow(decodeValue(text.reveal(), 'plain')) : {})

/** One text of all that is secret, so that a change of any part is another fingerprint. */
function together({ parts, fields }: Whole): Secret {
  const secret = Object.entries(parts).filter(([name]) => !Object.hasOwn(fields, name))
  return new Secret(secret.map(([, part]) => part.reveal()).join('\0'))
}

function remedy({ credentials }: Provider, { source }: Place, part: string | undefined): string {
  const [name] = source === 'platform' && part !== undefined ? (credentials?.parts[part]?.env ?? []) : []
  return name === undefined ? '' : `; set ${name}`
}
