import type { ChatRequest, ChatTool } from '../../contract/chat.ts'
import { type Fields, fields, list, text } from '../fields.ts'
import { unsayable } from '../unsayable.ts'
import { freeformNames, freeformTool } from './freeform.ts'

type Choice = ChatRequest['tool_choice']

export type DeclaredTool = Fields & { readonly type: string; readonly name?: string | undefined; readonly description?: string | undefined }

/** Functions and custom tools are the client's to run; all others run at the provider, and only one that has them can be asked for them. */
export function decodeTools(tools: readonly DeclaredTool[] | undefined): { tools?: ChatTool[]; hosted_tools?: Fields[] } {
  if (tools === undefined) return {}
  const own = tools.flatMap((tool, index) => decodeTool(tool, `tools.${index}`) ?? [])
  const hosted = tools.filter((tool) => !OWN.includes(tool.type))
  return { ...(own.length > 0 ? { tools: own } : {}), ...(hosted.length > 0 ? { hosted_tools: hosted } : {}) }
}

const OWN = ['function', 'custom']

function decodeTool({ type, name, description, parameters, strict, format }: DeclaredTool, at: string): ChatTool | undefined {
  if (!OWN.includes(type)) return undefined
  if (name === undefined) throw unsayable(`${at}.name`, 'is missing.')
  if (type === 'custom') return freeformTool({ name, description, format: fields(format) })
  const declared = { name, description, parameters: parameters ?? undefined }
  return { type, function: typeof strict === 'boolean' ? { ...declared, strict } : declared }
}

/** `{type, name}` as chat completions nest it. */
export function decodeToolChoice(choice: unknown): Choice {
  if (choice === 'none' || choice === 'auto' || choice === 'required') return choice
  const { type, name, ...rest } = fields(choice)
  if (type === 'allowed_tools') return { type, allowed_tools: { ...rest, tools: list(rest.tools).map(decodeToolChoice) } } as Choice // an open object of chat's own shape
  if (type !== 'function' && type !== 'custom') return { ...fields(choice), type: text(type) ?? '' }
  return { type: 'function', function: { name: text(name) ?? '' } }
}

/** All tools in one list again, chat's own `web_search_options` among them. */
export function encodeTools({ tools = [], hosted_tools, web_search_options }: ChatRequest): Fields[] | undefined {
  const search = web_search_options === undefined || web_search_options === null ? [] : [encodeSearch(fields(web_search_options))]
  const encoded = [...tools.map(encodeTool), ...list(hosted_tools).map(fields), ...search]
  return encoded.length > 0 ? encoded : undefined
}

function encodeTool(tool: ChatTool, index: number): Fields {
  const { type, function: declared, freeform } = tool
  if (declared !== undefined && freeform !== undefined)
    return { type: 'custom', name: declared.name, description: declared.description, format: freeform.format }
  // What is left out here is taken for true, and a schema that is not strict by nature would be bent.
  if (type === 'function' && declared !== undefined) {
    const { name, description, parameters, strict } = declared
    return { type, name, description, parameters: parameters ?? null, strict: strict ?? false }
  }
  if (type === 'custom') throw unsayable(`tools.${index}.type`, 'only tools of type function can be translated for this model.')
  return tool
}

/** https://platform.openai.com/docs/guides/tools-web-search */
function encodeSearch({ search_context_size, user_location }: Fields): Fields {
  const { type, approximate } = fields(user_location)
  return { type: 'web_search', search_context_size, user_location: type === undefined ? undefined : { type, ...fields(approximate) } }
}

/** Without tools there is nothing to choose. */
export function encodeToolChoice(chat: ChatRequest): unknown {
  const { tool_choice: choice } = chat
  if (encodeTools(chat) === undefined) return undefined
  if (typeof choice !== 'object') return choice
  const { mode, tools } = fields(choice.allowed_tools)
  const names = freeformNames(chat)
  return tools === undefined
    ? encodeNamed(choice, names)
    : { type: choice.type, mode, tools: list(tools).map((tool) => encodeNamed(tool, names)) }
}

function encodeNamed(chosen: unknown, freeform: ReadonlySet<string>): unknown {
  const name = text(fields(fields(chosen).function).name)
  return name === undefined ? chosen : { type: freeform.has(name) ? 'custom' : 'function', name }
}
