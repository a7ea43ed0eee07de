import type { ChatMessage, ChatResponse, ChatToolCall, FinishReason, ReasoningDetail } from '../../src/contract/chat.ts'
import type { DecodeContext } from '../../src/contract/dialect.ts'
import { encodeUsage } from '../../src/dialects/chat-usage.ts'
import { failed } from '../../src/dialects/failure.ts'
import { entryOf, type Fields, fields, list, text, word } from '../../src/dialects/fields.ts'
import { decodeThought } from './thoughts.ts'
import { readUsage } from './usage.ts'

/** https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html#API_runtime_Converse_ResponseSyntax */
export function decodeResponse(body: unknown, { requestId, created, model }: DecodeContext): ChatResponse {
  const { output, stopReason } = fields(body)
  const { content } = fields(fields(output).message)
  if (!Array.isArray(content)) throw failed(body)
  return {
    id: requestId,
    object: 'chat.completion',
    created,
    model,
    choices: [
      {
        index: 0,
        message: decodeContent(content.map(fields), model),
        finish_reason: readFinish(stopReason),
        native_finish_reason: word(stopReason),
        logprobs: null,
      },
    ],
    usage: encodeUsage(readUsage(body)),
  }
}

function decodeContent(blocks: readonly Fields[], model: string): ChatMessage {
  const said = blocks.flatMap(wordsOf)
  const calls = blocks.map(({ toolUse }) => fields(toolUse)).filter(isForClient)
  const details: ReasoningDetail[] = []
  for (const [place, { reasoningContent }] of blocks.entries()) {
    if (reasoningContent !== undefined) details.push(decodeThought(fields(reasoningContent), { index: details.length, place, model }))
  }
  const thought = word(details.map((detail) => detail.text ?? '').join(''))
  const images = blocks.flatMap(({ image }) => imagesOf(fields(image)))
  return {
    role: 'assistant',
    content: said.length > 0 ? said.join('') : null,
    ...(thought === undefined ? {} : { reasoning_content: thought }),
    ...(details.length > 0 ? { reasoning_details: details } : {}),
    ...(calls.length > 0 ? { tool_calls: calls.map(decodeCall) } : {}),
    ...(images.length > 0 ? { images } : {}),
  }
}

/** Words that cite their sources stand in a block of their own. */
function wordsOf(block: Fields): string[] {
  const cited = list(fields(block.citationsContent).content).map((part) => fields(part).text)
  return [block.text, ...cited].filter((words) => typeof words === 'string')
}

/** A tool that runs at the provider is its own affair: the client neither asked for it nor can answer it. */
export const isForClient = ({ toolUseId, type }: Fields): boolean => toolUseId !== undefined && type !== 'server_tool_use'

function decodeCall({ toolUseId, name, input }: Fields): ChatToolCall {
  return { id: text(toolUseId) ?? '', type: 'function', function: { name: text(name) ?? '', arguments: JSON.stringify(input ?? {}) } }
}

/** Pictures that the model made. */
function imagesOf({ format, source }: Fields): object[] {
  const bytes = word(fields(source).bytes)
  return bytes === undefined ? [] : [{ type: 'image_url', image_url: { url: `data:image/${word(format) ?? 'png'};base64,${bytes}` } }]
}

const FINISHES: Readonly<Record<string, FinishReason>> = {
  content_filtered: 'content_filter',
  end_turn: 'stop',
  guardrail_intervened: 'content_filter',
  malformed_model_output: 'stop',
  malformed_tool_use: 'stop',
  max_tokens: 'length',
  model_context_window_exceeded: 'length',
  stop_sequence: 'stop',
  tool_use: 'tool_calls',
}

/** A reason that nobody has told us of yet still ended the answer; `native_finish_reason` names it. */
export function readFinish(stopReason: unknown): FinishReason | null {
  const native = word(stopReason)
  return native === undefined ? null : (entryOf(FINISHES, native) ?? 'stop')
}
