import { basename } from 'node:path'
import { differingKeys } from '../../policy/platform-keys.ts'
import type { Check } from './finding.ts'

/** Two names of one vendor's platform key that hold different keys. */
export const differingPlatformKeys: Check = ({ registry, host }) =>
  differingKeys(registry, host.platformKey).map(({ group, names }) => ({
    level: 'warn',
    code: 'platform_keys_differ',
    subject: group,
    sentence: `${names.join(' and ')} hold different keys; ${names[0]} is used.`,
    fix: 'Unset the one that is not meant.',
  }))

/** A credential of the platform's of which a part is missing or wrong. */
export const brokenPlatformKeys: Check = ({ registry, keys }) => {
  const broken = registry.providers.flatMap((provider) => {
    const key = keys.platform(provider)
    return key?.state === 'unreadable' ? [{ name: provider.name, subject: key.settingKey ?? provider.id, trouble: key.trouble }] : []
  })
  return Array.from(
    Map.groupBy(broken, ({ subject }) => subject),
    ([subject, [first]]) => ({
      level: 'warn',
      code: 'platform_key_unreadable',
      subject,
      sentence: `The platform's key for ${first?.name} in ${subject} is not used: ${first?.trouble}.`,
      fix: `Complete it, or unset ${subject}.`,
    }),
  )
}

/** Files with secrets that other users of this machine can read. */
export const openFiles: Check = ({ host }) =>
  host.files
    .filter(({ mode }) => (mode & OTHERS) !== 0)
    .map(({ path, mode }) => ({
      level: 'error',
      code: 'file_readable_by_others',
      subject: path,
      sentence: `${path} has mode ${(mode & 0o777).toString(8).padStart(4, '0')}: other users of this machine can read or change it.`,
      fix: `chmod 600 ${path}`,
    }))

/** Any bit of group and world. */
const OTHERS = 0o077

/** The first admin key, still where the first run put it. */
export const leftoverKey: Check = ({ host }) =>
  host.files
    .filter(({ path }) => basename(path) === 'first-run.txt')
    .map(({ path }) => ({
      level: 'info',
      code: 'admin_key_on_disk',
      subject: path,
      sentence: `The first admin key still lies in ${path}.`,
      fix: 'Keep the key somewhere safe and delete the file.',
    }))

/** A charge that was answered must survive the next power cut. */
export const looseCommits: Check = ({ host: { store } }) => {
  if (store.engine !== 'sqlite' || store.synchronous === 'FULL' || store.synchronous === 'EXTRA') return []
  const sentence = `SQLite runs with synchronous=${store.synchronous}: a power cut could lose charges that were answered.`
  return [
    { level: 'error', code: 'store_not_durable', subject: 'synchronous', sentence, fix: 'Remove what sets it; Tollgate itself sets FULL.' },
  ]
}

/** Limits of the whole installation are kept by a server that does not answer, or that forgets. */
export const sharedLimits: Check = ({ host: { shared } }) => {
  if (!shared) return []
  const subject = shared.at
  if (!shared.usable) {
    const sentence = `Redis at ${subject} does not answer (${shared.trouble}): each replica keeps to its share of the limits until it does.`
    return [{ level: 'warn', code: 'redis_unusable', subject, sentence, fix: 'Start it, or correct REDIS_URL.' }]
  }
  if (shared.evicts === undefined) return []
  const sentence = `Redis at ${subject} drops what it likes when its memory is full (${shared.evicts}): windows of limits may be among it.`
  return [{ level: 'info', code: 'redis_evicts', subject, sentence, fix: 'Give it memory enough, or a server of its own with noeviction.' }]
}

/** What is asked in one tenant's name could reach another's rows, should a statement ever be wrong. */
export const unfencedRows: Check = ({ host: { store } }) => {
  if (store.rowSecurity !== false) return []
  const sentence = 'The gateway serves as a database user whom row-level security does not bind, and that may make no role.'
  const fix =
    'Let the user of DATABASE_URL create roles (CREATEROLE) for one start, or serve as a user who owns nothing: docs/postgresql.md.'
  return [{ level: 'warn', code: 'row_security_off', subject: 'DATABASE_URL', sentence, fix }]
}

/** Unsealed keys may lie in the database, until an operator says that no more shall. */
export const plaintextAccepted: Check = ({ host }) => {
  if (host.plaintextRows === 'refuse') return []
  const sentence = 'Provider keys that lie in the database as plain text are accepted.'
  const fix = 'Once all are sealed (tollgate provider-keys seal), set plaintext_rows: refuse in gateway.yaml.'
  return [{ level: 'info', code: 'plaintext_accepted', subject: 'plaintext_rows', sentence, fix }]
}

/** The admin API where anybody may knock. */
export const exposedAdmin: Check = ({ host: { listens } }) => {
  const subject = listens.admin ?? listens.host
  if (isPrivate(subject)) return []
  const sentence = `The admin API listens on ${subject}${listens.admin === undefined ? ', the address that apps use' : ''}.`
  const fix = 'Set ADMIN_ADDR to an address that only operators reach, e.g. 127.0.0.1:4001.'
  return [{ level: 'warn', code: 'admin_exposed', subject, sentence, fix }]
}

/** This machine, or the ranges that no router passes on (RFC 1918, RFC 4193, RFC 6598). */
function isPrivate(host: string): boolean {
  return (
    host === 'localhost' ||
    /^(?:127\.|10\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.|100\.(?:6[4-9]|[7-9]\d|1[01]\d|12[0-7])\.|\[?::1\]?$|\[?f[cd][\da-f]{2}:)/i.test(
      host,
    )
  )
}

/** The first release of Node that is taken. */
const OLDEST = [22, 19] as const

export const oldNode: Check = ({ host: { node } }) => {
  const [major = 0, minor = 0] = node.split('.').map(Number)
  if (major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1])) return []
  return [
    {
      level: 'error',
      code: 'node_too_old',
      subject: node,
      sentence: `This is Node ${node}, which is no longer tested with Tollgate and may lack security fixes.`,
      fix: `Use Node ${OLDEST.join('.')} or newer.`,
    },
  ]
}
