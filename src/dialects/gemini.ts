import type { Glance, IngressDialect, Need, StreamEnding, UpstreamDialect } from '../contract/dialect.ts'
import { readFailure } from './failure.ts'
import { count, fields } from './fields.ts'
import { encodeResponse } from './gemini/answer.ts'
import { decodeRequest } from './gemini/client-request.ts'
import { encodeStream } from './gemini/client-stream.ts'
import { encodeError, encodeStreamError } from './gemini/errors.ts'
import { whole } from './gemini/listed.ts'
import { params } from './gemini/params.ts'
import { encodeRequest, path } from './gemini/request.ts'
import { decodeResponse } from './gemini/response.ts'
import { decodeStream } from './gemini/stream.ts'
import { readUsage } from './gemini/usage.ts'
import { isRefusal } from './refusal.ts'

const FINISH = /"(?:finishReason|blockReason)"\s*:\s*"[^"]/

const ending: StreamEnding = {
  // Nothing is sent after the last event but the end of the socket.
  isTerminal: () => false,
  isFinish: ({ data }) => FINISH.test(data),
}

const NEEDS: Readonly<Record<string, Need>> = { 'image/': 'vision', 'audio/': 'audio', 'application/pdf': 'files' }
const MIME_TYPE = /^[^}]*"mime_?[tT]ype"\s*:\s*"(image\/|audio\/|application\/pdf)/

const needOf = (near: string): Need | undefined => NEEDS[MIME_TYPE.exec(near)?.[1] ?? '']

/** The path tells the model and whether to stream. Both spellings that Google's JSON takes are read. */
const glance: Glance = {
  content: 'contents',
  attachments: { inlineData: needOf, inline_data: needOf, fileData: needOf, file_data: needOf },
  read(top) {
    const config = top.object('generationConfig') ?? top.object('generation_config') ?? {}
    const schemas = ['responseSchema', 'response_schema', 'responseJsonSchema', 'response_json_schema']
    return {
      model: undefined,
      stream: undefined,
      maxOutput: count(config['maxOutputTokens'] ?? config['max_output_tokens']),
      choices: count(config['candidateCount'] ?? config['candidate_count']),
      tools: top.filled('tools'),
      jsonSchema: schemas.some((name) => Object.keys(fields(config[name])).length > 0),
      user: undefined,
    }
  },
}

/** `models/x:generateContent` means x; a tuned model is named with its collection. The method is what follows the last colon. */
function modelIn(path: string): string | undefined {
  const [, collection, name] = /(?:^|\/)(models|tunedModels)\/([^/]+?)(?::[^/:]*)?(?:\/|$)/.exec(path) ?? []
  return collection === 'tunedModels' ? `${collection}/${name}` : name
}

/** Google's generateContent, version v1beta: https://ai.google.dev/api/generate-content */
export const gemini = {
  id: 'gemini',
  path,
  modelIn,
  params,
  encodeRequest,
  decodeResponse: (body, context) => decodeResponse(whole(body), context),
  decodeStream,
  decodeError: (body) => readFailure(whole(body)),
  isRefusal,
  readUsage: (payload) => readUsage(whole(payload)),
  ending,
  edits: { model: false, usage: false, maxTokens: false },
  glance,
  decodeRequest,
  encodeResponse,
  encodeStream,
  encodeError,
  encodeStreamError,
} satisfies UpstreamDialect & IngressDialect
