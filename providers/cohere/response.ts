import type { ChatMessage, ChatResponse, ChatToolCall } from '../../src/contract/chat.ts'
import type { DecodeContext } from '../../src/contract/dialect.ts'
import { encodeUsage } from '../../src/dialects/chat-usage.ts'
import { failed, refused } from '../../src/dialects/failure.ts'
import { type Fields, fields, list, text, word } from '../../src/dialects/fields.ts'
import { readCohereFailure, readFinish } from './finish.ts'
import { decodeLogprobs } from './logprobs.ts'
import { readUsage } from './usage.ts'

export function decodeResponse(body: unknown, context: DecodeContext): ChatResponse {
  const answer = fields(body)
  const failure = readCohereFailure(body)
  if (failure !== undefined) throw refused(failure)
  if (typeof answer.message !== 'object' || answer.message === null) throw failed(body)
  return {
    id: word(answer.id) ?? context.requestId,
    object: 'chat.completion',
    created: context.created,
    model: context.model,
    choices: [
      {
        index: 0,
        message: decodeMessage(fields(answer.message)),
        finish_reason: readFinish(answer.finish_reason),
        native_finish_reason: word(answer.finish_reason),
        logprobs: decodeLogprobs(answer.logprobs) ?? null,
      },
    ],
    usage: encodeUsage(readUsage(body)),
  }
}

/** A plan comes before the calls it is for, as words do elsewhere; citations keep the shape they have here. */
function decodeMessage({ content, tool_plan, tool_calls, citations }: Fields): ChatMessage {
  const items = list(content).map(fields)
  const said = [text(tool_plan), text(content), ...items.map((item) => text(item.text))].filter((piece) => piece !== undefined)
  const thought = items.map((item) => text(item.thinking) ?? '').join('')
  const calls = list(tool_calls).map((call) => decodeCall(fields(call)))
  return {
    role: 'assistant',
    content: said.length > 0 ? said.join('') : null,
    ...(thought === '' ? {} : { reasoning_content: thought }),
    ...(calls.length > 0 ? { tool_calls: calls } : {}),
    ...(list(citations).length > 0 ? { citations } : {}),
  }
}

function decodeCall({ id, function: called }: Fields): ChatToolCall {
  const { name, arguments: args } = fields(called)
  return { id: text(id) ?? '', type: 'function', function: { name: text(name) ?? '', arguments: text(args) ?? '' } }
}
