import pg from 'pg'
import { GatewayError } from '../../errors.ts'

/** The way to the database broke. A statement that was under way may have been done, or not. */
export class ConnectionLost extends GatewayError {
  constructor(cause: unknown) {
    super('storage_unavailable', 'The database cannot be reached, and what was asked may or may not be done. Look, then try again.', {
      retryAfter: 1,
      cause,
    })
  }
}

export const refused = (sentence: string, cause?: unknown): GatewayError => new GatewayError('database_unusable', sentence, { cause })

/** What a failed statement means to whoever asked; SQLSTATE classes, https://www.postgresql.org/docs/current/errcodes-appendix.html */
export function failureOf(error: unknown): unknown {
  if (error instanceof GatewayError) return error
  if (!(error instanceof pg.DatabaseError)) return new ConnectionLost(error)
  const { code = '' } = error
  // 08: connection exceptions; 57P0x: the server stops or starts, or an administrator ended the session; 25P03, 25P04: it ended ours.
  if (/^(?:08|57P0|25P0[34])/.test(code)) return new ConnectionLost(error)
  // 53: no room or no connection left; 55P03, 57014: waited too long; 25006: a standby, or set read-only; 58: the disk.
  if (/^(?:53|55P03|57014|25006|58)/.test(code)) return unavailable(error)
  return error
}

const unavailable = (cause: pg.DatabaseError): GatewayError =>
  new GatewayError(
    'storage_unavailable',
    `The database did not do what was asked (${cause.code}: ${cause.message}). Nothing was changed.`,
    {
      retryAfter: 1,
      cause,
    },
  )

/** Two transactions met and this one was taken back whole: the same again goes well. */
export const isConflict = (error: unknown): boolean => error instanceof pg.DatabaseError && /^(?:40001|40P01)$/.test(error.code ?? '')

/** A value no column takes, rather than the database, the way there, or its room. 21, 22, 23: cardinality, data, integrity. */
export const isValuesFault = (error: unknown): boolean => error instanceof pg.DatabaseError && /^2[123]/.test(error.code ?? '')
