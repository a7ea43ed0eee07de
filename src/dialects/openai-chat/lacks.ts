import type { ChatRequest, ChatTool } from '../../contract/chat.ts'
import type { Quirks } from '../../contract/quirks.ts'
import { fields } from '../fields.ts'

// What some speakers of the format lack, and what is asked of them in its place.

/** Parameters that this provider cannot be told, or not as they were: dropped or changed, and named. */
export function lostOn({ tool_choice, response_format, temperature }: ChatRequest, quirks: Quirks): string[] {
  const { supportsStrictTools, supportsReasoningEffort, thinkingFormat = 'reasoning_effort', temperatureRange } = quirks
  const isDeaf = supportsReasoningEffort === false && thinkingFormat === 'reasoning_effort'
  return [
    ...(supportsStrictTools === false ? ['tools.function.strict'] : []),
    ...(isDeaf ? ['reasoning', 'reasoning_effort', 'thinking'] : []),
    ...(isLost(tool_choice, quirks) ? ['tool_choice'] : []),
    ...(keepsFormat(response_format, quirks) ? [] : ['response_format.json_schema']),
    ...(within(temperature, temperatureRange) === temperature ? [] : ['temperature']),
  ]
}

/** The nearest that a provider takes. */
export function within(temperature: unknown, range: Quirks['temperatureRange']): unknown {
  if (typeof temperature !== 'number' || range === undefined) return temperature
  return Math.min(Math.max(temperature, range[0]), range[1])
}

/** Any JSON is an object of any shape, and a schema that cannot be told leaves JSON. */
export function encodeFormat(format: unknown, { jsonModes }: Quirks): unknown {
  const { type } = fields(format)
  if ((type !== 'json_object' && type !== 'json_schema') || jsonModes === undefined || jsonModes.includes(type)) return format
  return type === 'json_schema' ? { type: 'json_object' } : ANY_JSON
}

const ANY_JSON = { type: 'json_schema', json_schema: { name: 'answer', schema: { type: 'object' } } }

const keepsFormat = (format: unknown, quirks: Quirks): boolean =>
  fields(format).type !== 'json_schema' || encodeFormat(format, quirks) === format

type Choice = ChatRequest['tool_choice']

/** The tools and the choice between them: one that is chosen by name may be the only one there is, and none to be called none at all. */
export function encodeChoice(tools: readonly ChatTool[], choice: Choice, quirks: Quirks): Pick<ChatRequest, 'tools' | 'tool_choice'> {
  if (takesChoice(choice, quirks)) return { tools: [...tools], tool_choice: choice }
  if (choice === 'none') return {}
  const only = typeof choice === 'object' ? choice.function?.name : undefined
  const offered = tools.filter((tool) => only === undefined || tool.function?.name === only)
  return { tools: offered, tool_choice: isLost(choice, quirks) ? undefined : 'required' }
}

function takesChoice(choice: Choice, { toolChoiceModes: modes }: Quirks): boolean {
  if (choice === undefined || choice === 'auto' || modes === undefined) return true
  return modes.includes(typeof choice === 'string' ? choice : choice.type)
}

function isLost(choice: Choice, quirks: Quirks): boolean {
  if (choice === 'none' || takesChoice(choice, quirks)) return false
  return typeof choice !== 'object' || !quirks.toolChoiceModes?.includes('required')
}
