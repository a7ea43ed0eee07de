import type { ChatRequest, ChatTool } from '../../contract/chat.ts'
import { accept } from '../accept.ts'
import { unsayable } from '../unsayable.ts'
import { generateRequest, type Tool, type ToolConfig } from './client-body.ts'
import { decodeConfig } from './client-config.ts'
import { decodeContents } from './client-contents.ts'
import { OWN_TOOLS } from './request.ts'
import { decodeSchema } from './schema.ts'

/**
 * What a client of this API asks, in the hub's words. The path names the model and says whether to stream, so `model` is empty where the
 * body does not name it, too. Throws `invalid_value` that names the field.
 */
export function decodeRequest(body: unknown): ChatRequest {
  const {
    model = '',
    tools,
    toolConfig,
    generationConfig,
    safetySettings,
    cachedContent,
    labels,
    serviceTier,
    store,
    ...said
  } = accept(generateRequest, body, 'a generateContent request')
  return {
    model,
    messages: decodeContents(said),
    ...(tools === undefined ? {} : { tools: tools.flatMap(decodeTool) }),
    ...decodeToolChoice(toolConfig),
    ...(generationConfig === undefined ? {} : decodeConfig(generationConfig)),
    ...(safetySettings === undefined ? {} : { safety_settings: safetySettings }),
    ...(cachedContent === undefined ? {} : { cached_content: cachedContent }),
    ...(labels === undefined ? {} : { labels }),
    ...(serviceTier === undefined ? {} : { service_tier: serviceTier.toLowerCase() }),
    ...(store === undefined ? {} : { store }),
  }
}

function decodeTool({ functionDeclarations = [], ...own }: Tool, index: number): ChatTool[] {
  const functions = functionDeclarations.map(({ name, description, parameters, parametersJsonSchema }) => ({
    type: 'function',
    function: {
      name,
      ...(description === undefined ? {} : { description }),
      parameters: parametersJsonSchema ?? (parameters === undefined ? undefined : decodeSchema(parameters)),
    },
  }))
  const others = Object.entries(own).map(([type, settings]) => {
    if (OWN_TOOLS.includes(type)) return { type, [type]: settings }
    throw unsayable(`tools.${index}.${type}`, 'is no tool that the gateway knows.')
  })
  return [...functions, ...others]
}

const MODES = { MODE_UNSPECIFIED: 'auto', AUTO: 'auto', VALIDATED: 'auto', ANY: 'required', NONE: 'none' } as const

function decodeToolChoice(config: ToolConfig | undefined): Partial<ChatRequest> {
  const calling = config?.functionCallingConfig
  if (calling === undefined) return {}
  const { mode = 'AUTO', allowedFunctionNames: names = [] } = calling
  const [name] = names
  if (name === undefined || mode === 'NONE') return { tool_choice: MODES[mode] }
  if (names.length === 1 && mode === 'ANY') return { tool_choice: { type: 'function', function: { name } } }
  const tools = names.map((allowed) => ({ type: 'function', function: { name: allowed } }))
  return { tool_choice: { type: 'allowed_tools', allowed_tools: { mode: MODES[mode], tools } } }
}
