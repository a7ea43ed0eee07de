import type { ChatRequest, ChatTool } from '../../contract/chat.ts'
import type { EncodeContext, UpstreamCall } from '../../contract/dialect.ts'
import { unsayable } from '../unsayable.ts'
import { encodeConfig } from './config.ts'
import { encodeContents } from './contents.ts'

/** The model's name is one segment of the path, whatever is in it; Google's own `models/` prefix may stand before it. */
export function path({ model, stream }: UpstreamCall): string {
  const name = encodeURIComponent(model.replace(/^models\//, ''))
  return stream ? `/models/${name}:streamGenerateContent?alt=sse` : `/models/${name}:generateContent`
}

export function encodeRequest(chat: ChatRequest, { quirks }: EncodeContext): object {
  const { tools = [] } = chat
  return {
    ...encodeContents(chat.messages),
    ...(tools.length > 0
      ? { tools: [{ functionDeclarations: tools.map(encodeTool) }], toolConfig: encodeToolChoice(chat.tool_choice) }
      : {}),
    generationConfig: encodeConfig(chat, quirks),
  }
}

function encodeTool({ type, function: declared }: ChatTool, index: number): object {
  if (type !== 'function' || declared === undefined) {
    throw unsayable(`tools.${index}.type`, 'only tools of type function can be translated for this model.')
  }
  return { name: declared.name, description: declared.description, parametersJsonSchema: declared.parameters }
}

const MODES = { none: 'NONE', auto: 'AUTO', required: 'ANY' }

function encodeToolChoice(choice: ChatRequest['tool_choice']): object | undefined {
  if (choice === undefined) return undefined
  if (typeof choice === 'string') return { functionCallingConfig: { mode: MODES[choice] } }
  if (choice.type !== 'function' || choice.function === undefined)
    throw unsayable('tool_choice', 'only none, auto, required or one function can be chosen.')
  return { functionCallingConfig: { mode: 'ANY', allowedFunctionNames: [choice.function.name] } }
}
