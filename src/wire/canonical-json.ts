import { parseAsWritten } from './exact-json.ts'

/**
 * JSON with its keys sorted and its white space gone, so that texts that say the same are the same. Numbers stay as they are written: two
 * that one double stands for are not one. Throws `SyntaxError` as `JSON.parse` does.
 */
export function canonicalJson(text: string): string {
  return JSON.stringify(parseAsWritten(text, (value) => (isObject(value) ? sorted(value) : value)))
}

function sorted(object: object): object {
  return Object.fromEntries(Object.entries(object).sort(([a], [b]) => (a < b ? -1 : 1)))
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
