import type { ChatRequest, ChatTool } from '../../src/contract/chat.ts'
import { unsayable } from '../../src/dialects/unsayable.ts'
import { type Mark, marked } from './cache.ts'

/** https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ToolConfiguration.html */
export function encodeTools({ tools = [], tool_choice, messages }: ChatRequest, mark: Mark): object | undefined {
  if (tools.length === 0) return undefined
  if (tool_choice === 'none') {
    if (messages.some(({ role, tool_calls }) => role === 'tool' || tool_calls !== undefined))
      throw unsayable('tool_choice', 'this API cannot forbid tools to a chat that has used them: leave it out.')
    return undefined
  }
  return {
    tools: tools.flatMap((tool, index) => marked([encodeTool(tool, `tools.${index}`)], mark(tool.cache_control))),
    toolChoice: encodeChoice(tool_choice),
  }
}

function encodeTool({ type, function: declared }: ChatTool, at: string): object {
  if (type !== 'function' || declared === undefined)
    throw unsayable(`${at}.type`, 'only tools of type function can be translated for this model.')
  const { name, description, parameters, strict } = declared
  return {
    toolSpec: {
      name,
      description: description || undefined,
      inputSchema: { json: parameters ?? NO_PARAMETERS },
      strict: strict || undefined,
    },
  }
}

const NO_PARAMETERS = { type: 'object', properties: {} }

function encodeChoice(choice: Exclude<ChatRequest['tool_choice'], 'none'>): object | undefined {
  if (choice === undefined) return undefined
  if (typeof choice === 'string') return choice === 'required' ? { any: {} } : { auto: {} }
  if (choice.type !== 'function' || choice.function === undefined)
    throw unsayable('tool_choice', 'only none, auto, required or one function can be chosen.')
  return { tool: { name: choice.function.name } }
}
