import { timingSafeEqual } from 'node:crypto'
import type { GatewayKey, KeyKind, Tenant } from '../contract/caller.ts'
import type { Gateway, Presented } from '../contract/gateway.ts'
import { type KeyId, keyId } from '../contract/ids.ts'
import type { Secret } from '../contract/secret.ts'
import { GatewayError } from '../errors.ts'
import { inRange } from '../wire/cidr.ts'
import { type Directory, isActive } from './directory.ts'
import { digestImported, digestKey, idBorneBy, KEY_PREFIX, parseKey } from './gateway-keys.ts'
import { SCOPES } from './scopes.ts'
import { tenantOf } from './tags.ts'

interface IdentifyInput {
  readonly directory: Directory
  readonly pepper: Buffer
  /** The break-glass key from the environment. */
  readonly adminKey: Secret | undefined
  readonly now: () => number
}

/**
 * Who calls, from the key and the tags of a request, by the table of contract 2. `kinds` are those the route takes; where it takes
 * `tenant` keys it takes imported ones too. Throws GatewayError.
 */
export function createIdentify(input: IdentifyInput): Gateway['identify'] {
  const recognise = recogniser(input)
  return (presented, kinds) => {
    const key = oneOf(keysIn(presented), recognise)
    refuseLapsed(key, input.now())
    refuseElsewhere(key, presented)
    refuseKind(key, kinds)
    const tenant = tenantOf(key, presented, input.directory)
    if (tenant && !isActive(tenant)) throw suspended(tenant)
    return { key, tenant }
  }
}

/** The whole of a presented text, looked for among the keys there are. */
export function recogniser({ directory, pepper, adminKey }: Omit<IdentifyInput, 'now'>): (text: string) => GatewayKey | undefined {
  const breakGlass = adminKey && digestImported(adminKey.reveal())
  const proven = new Map<KeyId, Proven>()
  const genuine = (key: GatewayKey, text: string, digest: Buffer): boolean => {
    if (!same(key.digest, digestKey(text, pepper))) return false
    if (proven.size >= MOST_PROVEN) proven.clear()
    proven.set(key.id, { key, digest })
    return true
  }
  return (text) => {
    const digest = digestImported(text)
    const known = proven.get(idBorneBy(text))
    if (known && same(known.digest, digest) && directory.key(known.key.id) === known.key) return known.key
    if (breakGlass && timingSafeEqual(digest, breakGlass)) return BREAK_GLASS
    const parsed = parseKey(text)
    if (parsed === undefined && text.startsWith(KEY_PREFIX)) return undefined
    const minted = parsed && directory.key(parsed.id)
    // The kind is compared too: a row whose kind was changed by hand makes no admin of a tenant.
    if (minted && minted.kind === parsed.kind && genuine(minted, text, digest)) return minted
    return directory.imported(digest.toString('hex'))
  }
}

const BREAK_GLASS: GatewayKey = {
  id: keyId('breakglass'),
  kind: 'admin',
  name: 'break-glass',
  digest: Buffer.alloc(0),
  tenant: undefined,
  tenants: undefined,
  scopes: SCOPES,
  models: undefined,
  endpoints: undefined,
  allowIps: undefined,
  limits: undefined,
  defaults: undefined,
  expiresAt: undefined,
  revokedAt: undefined,
  createdAt: '1970-01-01T00:00:00Z',
}

/** A key and the SHA-256 of the whole text it was recognised by: the next time neither the text's shape nor its HMAC need be looked at. */
interface Proven {
  readonly key: GatewayKey
  readonly digest: Buffer
}

const MOST_PROVEN = 10_000

/** A digest damaged by hand has another length, where `timingSafeEqual` throws. */
const same = (a: Buffer, b: Buffer): boolean => a.length === b.length && timingSafeEqual(a, b)

/** The texts that may be a gateway key. A blank header is no header. */
function keysIn(presented: Presented): readonly string[] {
  const own = presented.header('x-tollgate-key')
  if (own) return [own]
  const texts: string[] = []
  for (const name of CARRIERS) {
    const sent = presented.header(name)
    const text = name === 'authorization' ? bearerOf(sent) : sent
    if (text && !texts.includes(text)) texts.push(text)
  }
  return texts
}

const CARRIERS = ['authorization', 'x-api-key', 'api-key', 'x-goog-api-key']

/** The scheme's case does not count (RFC 9110 11.1). */
const bearerOf = (authorization: string | undefined): string | undefined => authorization?.match(/^bearer +(.+)$/i)?.[1]

/** Clients send provider keys, placeholders and cookies of their own beside ours: what is not recognised does not count. */
function oneOf(texts: readonly string[], recognise: (text: string) => GatewayKey | undefined): GatewayKey {
  const [key, another] = texts.map(recognise).filter((found) => found !== undefined)
  if (another) {
    throw new GatewayError('ambiguous_credentials', 'Two different gateway keys were sent. Send one, or name it in x-tollgate-key.')
  }
  if (key) return key
  throw new GatewayError('invalid_api_key', unknownSentence(texts))
}

function unknownSentence(texts: readonly string[]): string {
  if (texts.length === 0) return 'No gateway key was sent. Send one as "Authorization: Bearer sk-tg-…" or in x-tollgate-key.'
  const mistyped = texts.some((text) => text.startsWith(KEY_PREFIX) && parseKey(text) === undefined)
  if (mistyped) return 'The gateway key is cut short or mistyped: its checksum is wrong. Copy it again, whole.'
  return 'The key sent is no gateway key known here. Use a key of this installation, beginning with sk-tg-, not a provider key.'
}

function refuseLapsed(key: GatewayKey, now: number): void {
  if (key.revokedAt !== undefined) {
    throw new GatewayError('invalid_api_key', `Gateway key ${key.id} was revoked at ${key.revokedAt}. Ask your operator for a new one.`)
  }
  // Written so that a date nobody can read has passed.
  if (key.expiresAt !== undefined && !(Date.parse(key.expiresAt) > now)) {
    throw new GatewayError('invalid_api_key', `Gateway key ${key.id} expired at ${key.expiresAt}. Ask your operator for a new one.`)
  }
}

function refuseElsewhere(key: GatewayKey, presented: Presented): void {
  if (key.allowIps === undefined) return
  const { ip } = presented
  if (ip !== undefined && key.allowIps.some((range) => inRange(ip, range))) return
  throw new GatewayError('ip_not_allowed', `Gateway key ${key.id} may not be used from ${ip ?? 'an unknown address'}: see its allow_ips.`)
}

function refuseKind(key: GatewayKey, kinds: readonly KeyKind[]): void {
  const kind = key.kind === 'imported' ? 'tenant' : key.kind
  if (kinds.includes(kind)) return
  throw new GatewayError('key_not_allowed_here', `This route takes ${kinds.join(' or ')} keys, and this is a key of kind ${key.kind}.`)
}

function suspended({ slug, status }: Tenant): GatewayError {
  return new GatewayError(
    'tenant_suspended',
    `Tenant ${slug} is not active: its status is "${status}". An operator resumes it with: tollgate tenants resume ${slug}`,
  )
}
