import type { ChatResponse } from '../../contract/chat.ts'
import type { DecodeContext } from '../../contract/dialect.ts'
import { encodeUsage } from '../chat-usage.ts'
import { failed, readFailure } from '../failure.ts'
import { fields, word } from '../fields.ts'
import { logprobsOf, readFinish, readMessage } from './answer.ts'
import { readUsage } from './usage.ts'

export function decodeResponse(body: unknown, context: DecodeContext): ChatResponse {
  const answer = fields(body)
  if (readFailure(body) !== undefined || typeof answer.message !== 'object' || answer.message === null) throw failed(body)
  const { content, thinking, calls } = readMessage(answer, `call_${context.requestId}`)
  return {
    id: context.requestId,
    object: 'chat.completion',
    created: context.created,
    model: word(answer.model) ?? context.model,
    choices: [
      {
        index: 0,
        message: {
          role: 'assistant',
          content: content ?? (calls.length > 0 ? null : ''),
          ...(thinking === undefined ? {} : { reasoning_content: thinking }),
          ...(calls.length > 0 ? { tool_calls: [...calls] } : {}),
        },
        finish_reason: readFinish(answer, calls.length > 0),
        native_finish_reason: word(answer.done_reason),
        logprobs: logprobsOf(answer) ?? null,
      },
    ],
    usage: encodeUsage(readUsage(body)),
  }
}
