import type { Usage } from '../../contract/dialect.ts'
import { count, fields } from '../fields.ts'

/** Counts of a whole answer, or of the last line of a stream; a prompt that was read before may not be counted again. */
export function readUsage(payload: unknown): Usage | undefined {
  const { prompt_eval_count, eval_count } = fields(payload)
  const input = count(prompt_eval_count)
  const output = count(eval_count)
  if (input === undefined && output === undefined) return undefined
  return { input, output, raw: { prompt_eval_count, eval_count } }
}
