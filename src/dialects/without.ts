import type { ChatRequest } from '../contract/chat.ts'

/** The request without the parameters of these names; a dot steps into a list of messages, parts or tools, as in `params`. */
export function without(chat: ChatRequest, names: readonly string[]): ChatRequest {
  return names.reduce((rest, name) => removed(rest, name.split('.')), chat)
}

function removed<Value>(value: Value, path: readonly string[]): Value
function removed(value: unknown, [key = '', ...below]: readonly string[]): unknown {
  if (Array.isArray(value)) return value.map((item) => removed(item, [key, ...below]))
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return value
  const { [key]: found, ...rest }: Record<string, unknown> = { ...value }
  return below.length === 0 ? rest : { ...value, [key]: removed(found, below) }
}
