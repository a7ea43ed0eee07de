import type { ChatRequest } from '../../contract/chat.ts'
import { fields } from '../fields.ts'
import { told } from '../told.ts'
import { instructionsOf } from './upstream-input.ts'
import { encodeSettings } from './upstream-request.ts'

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

/**
 * What an answer repeats of its request, and what holds where that said nothing. Nothing is stored: what the next request needs is in the
 * items. https://platform.openai.com/docs/api-reference/responses/object
 */
export function echoOf(request: ChatRequest | undefined): object {
  if (request === undefined) return { ...DEFAULTS, ...NOTHING_ASKED, store: false }
  const { include: _, text, reasoning, ...asked } = encodeSettings(request, { stream: false, quirks: {} })
  return {
    ...DEFAULTS,
    instructions: instructionsOf(request.messages) ?? null,
    ...told(asked),
    reasoning: { ...NOTHING_ASKED.reasoning, ...told(fields(reasoning)) },
    text: { ...NOTHING_ASKED.text, ...told(fields(text)) },
    store: false,
  }
}

const NOTHING_ASKED = { reasoning: { effort: null, summary: null }, text: { format: { type: 'text' } } }
