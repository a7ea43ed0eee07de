import type { ChatRequest } from '../../src/contract/chat.ts'
import type { EncodeContext, UpstreamCall } from '../../src/contract/dialect.ts'
import { takes } from '../../src/contract/params.ts'
import { fields, word } from '../../src/dialects/fields.ts'
import { readStops } from '../../src/dialects/stop-sequences.ts'
import { unsayable } from '../../src/dialects/unsayable.ts'
import { cachePoint, noCache } from './cache.ts'
import { encodeMessages } from './messages.ts'
import { encodeOwn, lostOn } from './own.ts'
import { encodeTools } from './tools.ts'

/** The model's name, or the ARN of one, is one segment of the path, whatever is in it. */
export const path = ({ model, stream }: UpstreamCall): string =>
  `/model/${encodeURIComponent(model)}/${stream ? 'converse-stream' : 'converse'}`

/** Whatever is asked of a model: to converse, to be invoked, to count. */
export const modelIn = (path: string): string | undefined => /(?:^|\/)model\/(.+)\/[a-z-]+$/.exec(path)?.[1]

/** https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html */
export function encodeRequest(chat: ChatRequest, context: EncodeContext): object {
  const lost = lostOn(chat.model)
  const marks = (name: string) => (lost.includes(name) ? noCache : cachePoint)
  return {
    ...encodeMessages(chat, marks('messages.cache_control')),
    inferenceConfig: encodeInference(chat, context),
    toolConfig: encodeTools(chat, marks('tools.cache_control')),
    outputConfig: encodeFormat(chat.response_format),
    serviceTier: encodeTier(chat.service_tier),
    requestMetadata: chat.requestMetadata ?? chat.metadata ?? undefined,
    guardrailConfig: chat.guardrailConfig,
    performanceConfig: chat.performanceConfig,
    promptVariables: chat.promptVariables,
    additionalModelRequestFields: encodeOwn(chat, context),
    additionalModelResponseFieldPaths: chat.additionalModelResponseFieldPaths,
  }
}

function encodeInference(chat: ChatRequest, { quirks }: EncodeContext): object | undefined {
  const given = (name: string): unknown => (takes(quirks, name) ? (chat[name] ?? undefined) : undefined)
  const config = {
    maxTokens: given('max_completion_tokens') ?? given('max_tokens'),
    temperature: given('temperature'),
    topP: given('top_p'),
    stopSequences: readStops(given('stop')),
  }
  return Object.values(config).some((value) => value !== undefined) ? config : undefined
}

function encodeFormat(format: unknown): object | undefined {
  const { type, json_schema } = fields(format)
  if (type === undefined || type === 'text') return undefined
  if (type !== 'json_schema')
    throw unsayable('response_format', 'this model answers in JSON by a schema only: give one with type json_schema.')
  const { schema, name, description } = fields(json_schema)
  if (schema === undefined) throw unsayable('response_format.json_schema.schema', 'is missing.')
  // The schema itself is carried as text.
  const jsonSchema = { schema: JSON.stringify(schema), name: word(name), description: word(description) }
  return { textFormat: { type: 'json_schema', structure: { jsonSchema } } }
}

function encodeTier(tier: unknown): object | undefined {
  const asked = word(tier)
  return asked === undefined || asked === 'auto' ? undefined : { type: asked }
}
