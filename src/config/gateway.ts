import { z } from 'zod'
import { EVENT_TYPES } from '../contract/event.ts'
import { camelKeys } from './camel.ts'
import { settingsFrom, tenantsFrom } from './foreign.ts'
import { overload } from './overload.ts'
import { address, duration, onOff, port, size, timezone } from './quantities.ts'
import { redis, redisUrl } from './redis.ts'
import { sizes } from './sizes.ts'

const text = z.string().min(1)
const HOURLY = 3_600_000

/** A connection string is a secret once it holds a password, and a secret is only ever a file's path in YAML. */
const hasNoPassword = (url: string): boolean => !/^[a-z+]+:\/\/[^/@]*:[^/@]+@/i.test(url)
const PASSWORD = {
  error:
    'This URL holds a password: put the URL into a file and give its path with the key that ends in _file, or set the environment variable.',
}

export const BASE_URL = 'Give an http or https URL without user, query or fragment, such as https://api.example.com/v1.'
export const baseUrl = text.refine(isBaseUrl, { error: BASE_URL })

/** As shells have them, and as setting keys are compared. */
export const environmentName = z
  .string()
  .regex(/^[A-Z][A-Z0-9_]*$/, 'Give the name of an environment variable in capitals, such as ACME_API_KEY.')

/** The deadlines an operator may give, for the gateway or one provider. */
export const deadlines = z
  .strictObject({ connect: duration, first_byte: duration, first_byte_unstreamed: duration, progress: duration, total: duration })
  .partial()
  .transform(camelKeys)

const opener = z.discriminatedUnion(
  'type',
  [
    z.strictObject({ type: z.literal('fernet'), key_file: text }),
    z.strictObject({ type: z.literal('aes-256-gcm'), key_file: text, prefix: text.optional() }),
  ],
  { error: 'Give { type: fernet, key_file } or { type: aes-256-gcm, key_file, prefix }.' },
)

/** Where refreshed prices come from; never by itself where `every` is not given. */
const catalog = z.strictObject({
  url: baseUrl,
  every: duration.refine((ms) => ms >= HOURLY, { error: 'Once an hour is the most often.' }).optional(),
  private: z.boolean().default(false),
})

/** Who hears of events. */
const hook = z.strictObject({
  url: baseUrl,
  secret_file: text,
  types: z.array(z.enum(EVENT_TYPES)).default([]),
  private: z.boolean().default(false),
})

/** Who must hear of every attempt that ended. */
const destinationName = z.string().regex(/^[a-z0-9-]{1,63}$/, 'Give a name of small letters, digits and hyphens, such as billing.')
const destination = z.union(
  [
    z.strictObject({ name: destinationName, url: baseUrl, secret_file: text, private: z.boolean().default(false) }),
    z.strictObject({ name: destinationName, folder: text, most_bytes: size.default(64 * 1024 ** 2) }),
  ],
  { error: 'Give { name, url, secret_file } or { name, folder }.' },
)
const destinations = z.array(destination).refine((all) => new Set(all.map(({ name }) => name)).size === all.length, {
  error: 'Two destinations have the same name, and each has heard of other rows.',
})

const kept = (least: number, error: string) => z.union([z.literal('none'), duration.refine((ms) => ms >= least, { error })])
const DAY = 24 * HOURLY
const retention = z
  .strictObject({
    attempts: kept(7 * DAY, 'Keep rows for seven days at least (7d), or write none to keep them for ever.'),
    // A budget counts a month by the hour, wherever midnight is.
    hourly_sums: kept(40 * DAY, 'Keep hourly sums for forty days at least (40d), or write none to keep them for ever.'),
  })
  .partial()
  .transform(camelKeys)

/** `gateway.yaml` whole. */
export const gatewayFile = z
  .strictObject({
    host: text,
    port,
    admin_addr: address,
    database_url: text.refine(hasNoPassword, PASSWORD),
    database_url_file: text,
    tenants_from: tenantsFrom,
    settings_from: settingsFrom,
    redis_url: redisUrl.refine(hasNoPassword, PASSWORD),
    redis_url_file: text,
    redis,
    overload,
    master_keys_file: text,
    admin_key_file: text,
    platform_keys: z.record(environmentName, text),
    base_urls: z.record(text, baseUrl),
    trusted_proxies: z.array(text),
    cors_origins: z.array(text.refine(isOrigin, { error: 'Give an origin such as https://app.example.com, without a path.' })),
    plaintext_rows: z.enum(['accept', 'refuse']),
    secrets: z.strictObject({ openers: z.array(opener) }),
    tenant_endpoints: z.array(text),
    catalog,
    events: z.array(hook),
    ledger_export: destinations,
    retention,
    deadlines,
    sizes,
    drain_delay: duration,
    drain_timeout: duration,
    demo: onOff,
    timezone,
  })
  .partial()
  .transform(camelKeys)

export function isBaseUrl(written: string): boolean {
  const url = URL.parse(written)
  return url !== null && /^https?:$/.test(url.protocol) && url.username + url.password + url.search + url.hash === ''
}

function isOrigin(written: string): boolean {
  return URL.parse(written)?.origin === written
}
