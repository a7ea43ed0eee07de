import { GatewayError } from '../errors.ts'

type Json = Readonly<Record<string, unknown>>

/**
 * The results of a report as vendors' admin APIs answer it, in pages of buckets of time: each with its bucket's own fields, `{a: {b}}` as
 * `a_b`, and all as text, as flat as the same report in CSV. Undefined where it is no JSON. Throws `invalid_value` where pages are missing.
 */
export function resultsIn(text: string): readonly Readonly<Record<string, string>>[] | undefined {
  if (!/^\s*[[{]/.test(text)) return undefined
  const pages = [parsed(text)].flat().filter(isObject)
  if (pages.at(-1)?.['has_more'] === true) throw invalid('ends before its last page (has_more is true): put all pages into it, as a list')
  return pages
    .flatMap(({ data }) => objectsIn(data))
    .flatMap(({ results, ...bucket }) => objectsIn(results).map((one) => flat({ ...bucket, ...one })))
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw invalid('is not valid JSON')
  }
}

const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value)

const objectsIn = (list: unknown): readonly Json[] => (Array.isArray(list) ? list.filter(isObject) : [])

function flat(fields: Json): Record<string, string> {
  const told = Object.entries(fields).flatMap(([name, value]): [string, unknown][] =>
    isObject(value) ? Object.entries(value).map(([inner, one]) => [`${name}_${inner}`, one]) : [[name, value]],
  )
  return Object.fromEntries(told.flatMap(([name, value]) => (value === null || value === undefined ? [] : [[name, String(value)]])))
}

/** A field without which a report says nothing. */
export const unreadable = (field: string): GatewayError =>
  invalid(`has a field ${field} that cannot be read: export cost in US dollars, or usage, and give the file as it came`)

const invalid = (what: string): GatewayError => new GatewayError('invalid_value', `The export ${what}.`, { param: 'file' })
