import { z } from 'zod'
import { duration } from './quantities.ts'

/** From where on a process has as much to do as it can. */
export interface Overload {
  /** Requests that run at a time. */
  readonly running: number
  /** Milliseconds that the loop is late, on the average of a second. */
  readonly delay: number
}

export const OVERLOAD: Overload = { running: 5_000, delay: 1_000 }

/** `overload:` of `gateway.yaml`. */
export const overload = z.strictObject({ running: z.int().min(1), delay: duration }).partial()
