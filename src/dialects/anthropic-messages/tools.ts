import type { ChatRequest, ChatTool } from '../../contract/chat.ts'
import { unsayable } from '../unsayable.ts'
import { ownOfTool } from './own.ts'

type Choice = ChatRequest['tool_choice']

export function encodeTools(tools: readonly ChatTool[] | undefined): object {
  return tools === undefined || tools.length === 0 ? {} : { tools: tools.map((tool, index) => encodeTool(tool, `tools.${index}`)) }
}

function encodeTool(tool: ChatTool, at: string): object {
  const { type, function: declared, cache_control } = tool
  if (OWN_TOOL.test(type)) return tool
  if (type !== 'function' || declared === undefined)
    throw unsayable(`${at}.type`, 'only tools of type function can be translated for this model.')
  const { name, description, parameters, strict } = declared
  return { name, description, input_schema: parameters ?? NO_PARAMETERS, strict: strict || undefined, cache_control, ...ownOfTool(tool) }
}

/** Tools that run at the provider or that its models were trained on: `web_search_20250305`. */
export const OWN_TOOL = /^[a-z_]+_\d{8}$/

const NO_PARAMETERS = { type: 'object', properties: {} }

/** The choice, with `parallel_tool_calls: false` inside it. Without tools there is nothing to choose. */
export function encodeToolChoice({ tools, tool_choice, parallel_tool_calls }: ChatRequest): object {
  if (tools === undefined || tools.length === 0) return {}
  const choice = modeOf(tool_choice)
  if (parallel_tool_calls !== false || choice?.type === 'none') return { tool_choice: choice }
  return { tool_choice: { ...(choice ?? { type: 'auto' }), disable_parallel_tool_use: true } }
}

/** Whether the model must call a tool. */
export function isForced(choice: Choice): boolean {
  return choice === 'required' || typeof choice === 'object'
}

function modeOf(choice: Choice): { type: string; name?: string } | undefined {
  if (choice === undefined) return undefined
  if (typeof choice === 'string') return { type: choice === 'required' ? 'any' : choice }
  if (choice.type !== 'function' || choice.function === undefined)
    throw unsayable('tool_choice', 'only none, auto, required or one function can be chosen.')
  return { type: 'tool', name: choice.function.name }
}
