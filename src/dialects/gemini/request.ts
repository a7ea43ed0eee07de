import type { ChatRequest, ChatTool } from '../../contract/chat.ts'
import type { EncodeContext, UpstreamCall } from '../../contract/dialect.ts'
import { fields, list, word } from '../fields.ts'
import { unsayable } from '../unsayable.ts'
import { encodeConfig } from './config.ts'
import { encodeContents } from './contents.ts'

/** The model's name is one segment of the path, whatever is in it; Google's own `models/` prefix may stand before it. */
export function path({ model, stream }: UpstreamCall): string {
  const name = encodeURIComponent(model.replace(/^models\//, ''))
  return stream ? `/models/${name}:streamGenerateContent?alt=sse` : `/models/${name}:generateContent`
}

export function encodeRequest(chat: ChatRequest, { quirks }: EncodeContext): object {
  const { tools = [], safety_settings: safetySettings, cached_content: cachedContent, labels } = chat
  return {
    ...encodeContents(chat.messages),
    ...(tools.length > 0 ? { tools: encodeTools(tools), toolConfig: encodeToolChoice(chat.tool_choice) } : {}),
    generationConfig: { ...fields(chat.generation_config), ...encodeConfig(chat, quirks) },
    safetySettings,
    cachedContent,
    labels,
  }
}

/** Google's own tools, which run there: https://ai.google.dev/api/caching#Tool */
export const OWN_TOOLS: readonly string[] = [
  'codeExecution',
  'computerUse',
  'fileSearch',
  'googleMaps',
  'googleSearch',
  'googleSearchRetrieval',
  'urlContext',
]

function encodeTools(tools: readonly ChatTool[]): object[] {
  const own = tools.filter(({ type }) => OWN_TOOLS.includes(type)).map((tool) => ({ [tool.type]: tool[tool.type] ?? {} }))
  const declared = tools.flatMap((tool, index) => (OWN_TOOLS.includes(tool.type) ? [] : [encodeTool(tool, `tools.${index}`)]))
  return declared.length > 0 ? [{ functionDeclarations: declared }, ...own] : own
}

function encodeTool({ type, function: declared }: ChatTool, at: string): object {
  if (type !== 'function' || declared === undefined)
    throw unsayable(`${at}.type`, 'only tools of type function can be translated for this model.')
  return { name: declared.name, description: declared.description, parametersJsonSchema: declared.parameters }
}

const MODES = { none: 'NONE', auto: 'AUTO', required: 'ANY' }

function encodeToolChoice(choice: ChatRequest['tool_choice']): object | undefined {
  if (choice === undefined) return undefined
  if (typeof choice === 'string') return { functionCallingConfig: { mode: MODES[choice] } }
  const names = choice.type === 'allowed_tools' ? namesOf(fields(choice.allowed_tools).tools) : namesOf([choice])
  if (names.length === 0) throw unsayable('tool_choice', 'only none, auto, required or functions by name can be chosen.')
  const mode = fields(choice.allowed_tools).mode === 'auto' ? 'AUTO' : 'ANY'
  return { functionCallingConfig: { mode, allowedFunctionNames: names } }
}

function namesOf(choices: unknown): string[] {
  return list(choices).flatMap((choice) => word(fields(fields(choice).function).name) ?? [])
}
