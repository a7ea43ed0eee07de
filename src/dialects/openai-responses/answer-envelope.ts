import { fields } from '../fields.ts'
import type { Answer, Status } from './answer-state.ts'
import { instructionsOf } from './upstream-input.ts'
import { encodeSettings } from './upstream-request.ts'
import { encodeUsage } from './usage.ts'

/** The object around the items, with an echo of what was asked: https://platform.openai.com/docs/api-reference/responses/object */
export function envelope(answer: Answer, status: Status | 'in_progress'): object {
  const { id, created: created_at, model, output, usage } = answer
  const asked = echo(answer)
  return {
    id: id.startsWith('resp_') ? id : `resp_${id}`,
    object: 'response',
    created_at,
    status,
    error: null,
    incomplete_details: status === 'incomplete' ? whyCut(answer) : null,
    model,
    output: output.filter((item) => item !== undefined),
    usage: status === 'in_progress' ? null : encodeUsage(usage),
    ...asked,
    ...(answer.serviceTier === undefined ? {} : { service_tier: answer.serviceTier }),
  }
}

/** Null where an answer broke off and nobody said why. */
function whyCut({ finish }: Answer): object | null {
  if (finish === null) return null
  return { reason: finish === 'content_filter' ? finish : 'max_output_tokens' }
}

const DEFAULTS = {
  background: false,
  instructions: null,
  max_output_tokens: null,
  metadata: {},
  parallel_tool_calls: true,
  previous_response_id: null,
  temperature: null,
  tool_choice: 'auto',
  tools: [],
  top_p: null,
  truncation: 'disabled',
}

/** What was asked, and what holds where nothing was. Nothing is stored: what the next request needs is in the items. */
function echo({ request }: Answer): object {
  const { include: _, ...asked } = request === undefined ? {} : encodeSettings(request, { stream: false, quirks: {} })
  const { text, reasoning, ...rest } = Object.fromEntries(Object.entries(asked).filter(([, value]) => value !== undefined))
  return {
    ...DEFAULTS,
    ...(request === undefined ? {} : { instructions: instructionsOf(request.messages) ?? null }),
    ...rest,
    reasoning: { effort: null, summary: null, ...fields(reasoning) },
    text: { format: { type: 'text' }, ...fields(text) },
    store: false,
  }
}
