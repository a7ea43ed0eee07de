// Several keys in one value: {"keys":[{"key":"…","weight":2,"models":["openai/gpt-5*"],"limits":{"rpm":60}}, …]}. A credential of several
// parts has them under "fields" in place of "key"; parts beside "keys" are every key's.

import type { Parts } from '../../contract/auth.ts'
import { PERIODS } from '../../contract/meter.ts'
import { parseDecimal } from '../../contract/money.ts'
import type { KeyBudget, KeyLimits, KeyShare, PooledKey } from '../../contract/pool.ts'
import type { Opened } from '../../contract/vault.ts'

/** Parts, or what is wrong with them. */
export type Decode = (fields: Readonly<Record<string, unknown>>) => Parts | string

const MOST_KEYS = 100

/** The keys, or what is wrong with them: by place and never by value. */
export function decodePool(keys: unknown, common: Readonly<Record<string, unknown>>, decode: Decode): readonly PooledKey[] | string {
  if (!Array.isArray(keys) || keys.length === 0 || keys.length > MOST_KEYS) return `the value's "keys" must be a list of 1 to ${MOST_KEYS}`
  const pool: PooledKey[] = []
  for (const [at, entry] of keys.entries()) {
    const one = decodeOne(entry, common, decode)
    if (typeof one === 'string') return `key ${at + 1} of the value's "keys" ${one}`
    pool.push(one)
  }
  return pool
}

function decodeOne(entry: unknown, common: Readonly<Record<string, unknown>>, decode: Decode): PooledKey | string {
  if (typeof entry !== 'object' || entry === null) return 'is no object: write {"key":"…"}'
  const { key, fields, weight = 1, models, limits, ...strange }: Record<string, unknown> = { ...entry }
  const [unknown] = Object.keys(strange)
  if (unknown !== undefined) return `has a field ${JSON.stringify(unknown)}, which means nothing here`
  if ((key === undefined) === (fields === undefined)) return 'must have either "key" or "fields"'
  if (typeof weight !== 'number' || !(weight > 0 && weight <= 1_000)) return 'has a weight that is not above 0 and at most 1000'
  if (models !== undefined && !isListOfNames(models)) return 'has "models" that are no list of names'
  if (limits !== undefined && !areLimits(limits))
    return 'has limits other than whole numbers of rpm, tpm and concurrency, and a budget such as {"usd":5,"per":"day"}'
  const parts = decode({ ...common, ...Object(fields), ...(key !== undefined && { key }) })
  if (typeof parts === 'string') return parts
  return { parts, share: { weight, ...(models && { models }), ...(limits && { limits }) } }
}

const isListOfNames = (given: unknown): given is readonly string[] =>
  Array.isArray(given) && given.length > 0 && given.every((name) => typeof name === 'string' && /^!?[^!\s]\S*$/.test(name))

const LIMITS: readonly string[] = ['rpm', 'tpm', 'concurrency'] satisfies (keyof KeyLimits)[]

function areLimits(given: unknown): given is KeyLimits {
  const { budget, ...rates }: Record<string, unknown> = { ...Object(given) }
  const entries = Object.entries(rates)
  const counted = entries.every(([name, limit]) => LIMITS.includes(name) && Number.isSafeInteger(limit) && Number(limit) >= 1)
  return counted && (budget === undefined ? entries.length > 0 : isBudget(budget))
}

function isBudget(given: unknown): given is KeyBudget {
  const { usd, per, ...strange }: Record<string, unknown> = { ...Object(given) }
  const exact = (typeof usd === 'number' || typeof usd === 'string') && parseDecimal(String(usd), 9) !== undefined
  return exact && PERIODS.some((period) => period === per) && Object.keys(strange).length === 0
}

/** The text that says the same, to be sealed again. */
export function writtenValue({ key, fields, pool }: Extract<Opened, { state: 'open' }>): string {
  const common = revealed(fields)
  if (pool) return JSON.stringify({ ...common, keys: pool.map((one) => writtenKey(one, Object.keys(common))) })
  if (key && Object.keys(common).length === 0) return key.reveal()
  return JSON.stringify({ ...(key && { key: key.reveal() }), ...common })
}

function writtenKey({ parts, share }: PooledKey, common: readonly string[]): object {
  const own = Object.entries(revealed(parts)).filter(([name]) => !common.includes(name))
  const fields = Object.fromEntries(own)
  const { weight, ...rest }: KeyShare = share
  return { ...(own.length === 1 && fields['key'] ? fields : { fields }), ...(weight !== 1 && { weight }), ...rest }
}

const revealed = (parts: Parts): Record<string, string> =>
  Object.fromEntries(Object.entries(parts).map(([name, secret]) => [name, secret.reveal()]))
