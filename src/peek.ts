// What judging must know of a body, read in one scan. Nothing else of it is parsed.

import type { Ask } from './contract/decision.ts'
import type { Inbound } from './contract/gateway.ts'
import { GatewayError } from './errors.ts'
import { type JsonScan, readField, scanJson } from './wire/json-scan.ts'

export interface Peeked {
  readonly ask: Ask
  readonly scan: JsonScan
  /** The client wants the stream's last usage chunk for itself. */
  readonly includeUsage: boolean
  /** `stream_options` as the client sent it, where it did. */
  readonly streamOptions: object | undefined
  readonly user: string | undefined
}

/** Keys below the top level that tell of content a model may be unable to take. */
const PARTS = { image_url: 'vision', input_audio: 'audio', file: 'files' } as const
const MARKS = { marks: Object.keys(PARTS) }

/** Throws what `scanJson` throws, and `invalid_value` naming a field that judging needs and cannot use. */
export function peek(inbound: Inbound): Peeked {
  const scan = scanJson(inbound.body, MARKS)
  const streamOptions = optional(scan, 'stream_options', isObject)
  const parts = partsOf(scan)
  const inputTokens = estimateTokens(scan, parts.bytes)
  const maxOutput = optional(scan, 'max_completion_tokens', isCount) ?? optional(scan, 'max_tokens', isCount)
  const ask: Ask = {
    endpoint: inbound.endpoint,
    model: modelOf(scan),
    stream: optional(scan, 'stream', isBoolean) ?? false,
    needs: { ...parts.needs, ...(hasTools(scan) && { tools: true }), ...(wantsSchema(scan) && { json_schema: true }) },
    ...(maxOutput !== undefined && { maxOutput }),
    inputTokens,
    // Sixteen bytes a token is more than any tokenizer packs into prose or code; attachments are counted as nothing.
    leastTokens: parts.bytes > 0 ? 0 : inputTokens >> 2,
    ...(inbound.header('x-tollgate-pay') === 'tenant' && { pay: 'tenant' }),
  }
  return {
    ask,
    scan,
    includeUsage: streamOptions !== undefined && 'include_usage' in streamOptions && streamOptions.include_usage === true,
    streamOptions,
    user: inbound.header('x-tollgate-user') ?? optional(scan, 'user', isText) ?? optional(scan, 'safety_identifier', isText),
  }
}

function modelOf(scan: JsonScan): string {
  const model = optional(scan, 'model', isText)
  if (model) return model
  throw new GatewayError('invalid_value', 'The field model is missing or empty: name a model, e.g. "openai/gpt-5-mini".', {
    param: 'model',
  })
}

function hasTools(scan: JsonScan): boolean {
  const field = scan.fields.get('tools')
  if (!field) return false
  const text = scan.body.toString('latin1', field.valueStart, Math.min(field.valueEnd, field.valueStart + 16))
  return text.startsWith('[') && !/^\[\s*\]/.test(text)
}

function wantsSchema(scan: JsonScan): boolean {
  const format = optional(scan, 'response_format', isObject)
  return format !== undefined && 'type' in format && format.type === 'json_schema'
}

interface Parts {
  readonly needs: { vision?: boolean; audio?: boolean; files?: boolean }
  /** Bytes that are attachments rather than text. */
  readonly bytes: number
}

/** Attachments among the messages; the same words in a tool's schema are names, not content. */
function partsOf(scan: JsonScan): Parts {
  const needs: Parts['needs'] = {}
  const messages = scan.fields.get('messages')
  if (scan.marks.length === 0 || !messages) return { needs, bytes: 0 }
  let bytes = 0
  for (const { name, at } of scan.marks) {
    if (at < messages.valueStart || at >= messages.valueEnd) continue
    needs[PARTS[name as keyof typeof PARTS]] = true // `marks` holds only names of PARTS
    bytes += attachedBytes(scan.body, at) + 1
  }
  return { needs, bytes }
}

/** The length of the base64 text that follows a mark closely, if one does. */
function attachedBytes(body: Buffer, at: number): number {
  const start = body.indexOf('base64,', at)
  if (start < 0 || start - at > 256) return 0
  return Math.max(0, body.indexOf(0x22, start) - start)
}

const BYTES_PER_TOKEN = 4
const TOKENS_PER_ATTACHMENT = 1000

function estimateTokens(scan: JsonScan, attached: number): number {
  const text = Math.ceil((scan.body.length - attached) / BYTES_PER_TOKEN)
  return attached > 0 ? text + TOKENS_PER_ATTACHMENT * scan.marks.length : text
}

/** A field's value where it is there and not null; one of another type is refused by name. */
function optional<T>(scan: JsonScan, name: string, check: Check<T>): T | undefined {
  const value = readField(scan, name)
  if (value === undefined || value === null) return undefined
  if (check.is(value)) return value
  throw new GatewayError('invalid_value', `The field ${name} must be ${check.what}.`, { param: name })
}

interface Check<T> {
  readonly what: string
  is(value: unknown): value is T
}

const isText: Check<string> = { what: 'a string', is: (value) => typeof value === 'string' }
const isBoolean: Check<boolean> = { what: 'true or false', is: (value) => typeof value === 'boolean' }
const isObject: Check<object> = { what: 'an object', is: (value): value is object => typeof value === 'object' && !Array.isArray(value) }
const isCount: Check<number> = {
  what: 'a whole number of at least 1',
  is: (value): value is number => Number.isSafeInteger(value) && Number(value) >= 1,
}
