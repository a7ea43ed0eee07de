import { type Fields, fields, list, word } from './fields.ts'

/**
 * True of a whole answer that is a refusal: the model, or a filter before or behind it, will not speak of what was asked. As with failures
 * one reader knows all shapes: OpenAI's two, Anthropic's, Google's and Amazon's.
 */
export function isRefusal(body: unknown): boolean {
  const answer = fields(body)
  const said = [
    ...list(answer.choices).map((choice) => word(fields(choice).finish_reason)),
    ...list(answer.candidates).map((candidate) => word(fields(candidate).finishReason)),
    word(answer.stop_reason),
    word(answer.stopReason),
    word(fields(answer.incomplete_details).reason),
  ]
  return (
    said.some((reason) => reason !== undefined && REFUSALS.has(reason)) ||
    word(fields(answer.promptFeedback).blockReason) !== undefined ||
    speaks(answer)
  )
}

const REFUSALS: ReadonlySet<string> = new Set([
  'content_filter',
  'refusal',
  'content_filtered',
  'guardrail_intervened',
  ...['SAFETY', 'PROHIBITED_CONTENT', 'BLOCKLIST', 'SPII', 'IMAGE_SAFETY'],
])

/** A refusal in words, as OpenAI's models write it beside their content. */
function speaks({ choices, output }: Fields): boolean {
  const messages = list(choices).map((choice) => word(fields(fields(choice).message).refusal))
  const parts = list(output).flatMap((item) => list(fields(item).content).map((part) => word(fields(part).refusal)))
  return [...messages, ...parts].some((refusal) => refusal !== undefined)
}
