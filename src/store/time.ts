/** ISO 8601 in UTC of a timestamp as SQL or a person wrote it: `2026-08-01 12:00:00` is UTC, for `datetime('now')` says it so. */
export function isoTime(text: string | null): string {
  if (text === null || text.endsWith('Z') || !/^\d{4}-\d\d-\d\d[ T]\d\d:\d\d/.test(text)) return text ?? ''
  const joined = `${text.slice(0, 10)}T${text.slice(11)}`
  // PostgreSQL leaves the minutes of an offset out where they are zero, and nothing else reads that.
  if (/[+-]\d\d$/.test(joined.slice(11))) return `${joined}:00`
  return /[+-]\d\d:?\d\d$/.test(joined.slice(11)) ? joined : `${joined}Z`
}
