import type { ChatToolCall } from '../contract/chat.ts'
import { parseExact } from '../wire/exact-json.ts'
import { unsayable } from './unsayable.ts'

/** A call's arguments as an object whose long numbers are written as they came; a call without arguments has none. */
export function parseArguments(call: ChatToolCall, at: string): object {
  const written = call.function.arguments
  if (written.trim() === '') return {}
  const parsed = parsedOrUndefined(written)
  if (typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)) return parsed
  throw unsayable(`${at}.function.arguments`, 'is not the JSON text of an object.')
}

/** Arguments that a model wrote, as an object; a text that is none (cut off by a limit) is kept inside one, as Anthropic advises. */
export function readArguments(written: string): object {
  return SAYS_NOTHING.test(written) ? {} : (parsedObject(written) ?? { INVALID_JSON: written })
}

const SAYS_NOTHING = /^\s*(?:null\s*)?$/

/** The object that `text` is the JSON of; undefined where it is anything else. */
export function parsedObject(text: string): object | undefined {
  const parsed = text.trimStart().startsWith('{') ? parsedOrUndefined(text) : undefined
  return typeof parsed === 'object' && parsed !== null ? parsed : undefined
}

function parsedOrUndefined(text: string): unknown {
  try {
    return parseExact(text)
  } catch {
    return undefined
  }
}
