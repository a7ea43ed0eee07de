import { z } from 'zod'
import { GatewayError } from '../errors.ts'

/** How every list is asked for and answered. */
export const pageQuery = {
  limit: z.coerce.number().int().min(1).max(1000).default(100).meta({ description: 'Rows at most.' }),
  cursor: z.string().max(1024).optional().meta({ description: 'next_cursor of the page before.' }),
}

export const pageOf = <Item extends z.ZodType>(item: Item) => z.strictObject({ data: z.array(item), next_cursor: z.string().nullable() })

/** A page, and where the next one begins; a page that is not full is the last. */
export function page<Row, Shown>(
  rows: readonly Row[],
  { limit, show, mark }: { limit: number; show: (row: Row) => Shown; mark: (row: Row) => string },
): { data: Shown[]; next_cursor: string | null } {
  const last = rows.at(-1)
  const more = last !== undefined && rows.length >= limit
  return { data: rows.map(show), next_cursor: more ? Buffer.from(mark(last)).toString('base64url') : null }
}

/** What `mark` wrote. Throws `invalid_value` for a cursor that is none of ours. */
export function readCursor(cursor: string | undefined): string | undefined {
  if (cursor === undefined) return undefined
  const mark = Buffer.from(cursor, 'base64url')
  if (mark.length > 0 && mark.toString('base64url') === cursor) return mark.toString()
  throw badCursor()
}

export function readNumberCursor(cursor: string | undefined): number | undefined {
  const mark = readCursor(cursor)
  if (mark === undefined) return undefined
  if (/^\d{1,15}$/.test(mark)) return Number(mark)
  throw badCursor()
}

export const badCursor = (): GatewayError =>
  new GatewayError('invalid_value', 'The cursor is none of this list: send next_cursor as it came, or none.', { param: 'cursor' })
