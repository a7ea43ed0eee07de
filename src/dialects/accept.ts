import type { z } from 'zod'
import { GatewayError } from '../errors.ts'

/** A client's body as its schema describes it; `what` is what it should be. Throws `invalid_value` that names the first wrong field. */
export function accept<Schema extends z.ZodType>(schema: Schema, body: unknown, what: string): z.output<Schema> {
  const parsed = schema.safeParse(body)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  const param = issue?.path.map(String).join('.') || undefined
  throw new GatewayError('invalid_value', `${param ?? 'The body'}: ${issue?.message ?? `is not ${what}`}.`, { param })
}

/** Clients write null for what they do not say. */
export const absentIfNull = <Schema extends z.ZodType>(schema: Schema) => schema.nullish().transform((value) => value ?? undefined)
