import type { ChatRequest } from '../../src/contract/chat.ts'
import type { EncodeContext, UpstreamCall, UpstreamDialect } from '../../src/contract/dialect.ts'
import { anthropicMessages } from '../../src/dialects/anthropic-messages.ts'
import { decodeFailure } from './failure.ts'
import { chunks } from './framing.ts'
import { thinkingBy } from './models.ts'

const VERSION = 'bedrock-2023-05-31'

/**
 * Features in trial that Bedrock knows; one it does not know fails the whole request.
 * https://docs.aws.amazon.com/bedrock/latest/userguide/model-parameters-anthropic-claude-messages-request-response.html
 */
const BETAS = [
  'compact-2026-01-12',
  'computer-use-2024-10-22',
  'computer-use-2025-01-24',
  'computer-use-2025-11-24',
  'context-1m-2025-08-07',
  'context-management-2025-06-27',
  'dev-full-thinking-2025-05-14',
  'effort-2025-11-24',
  'fine-grained-tool-streaming-2025-05-14',
  'interleaved-thinking-2025-05-14',
  'output-128k-2025-02-19',
  'token-efficient-tools-2025-02-19',
  'tool-examples-2025-10-29',
  'tool-search-tool-2025-10-19',
]

function path({ model, stream }: UpstreamCall): string {
  return `/model/${encodeURIComponent(model)}/${stream ? 'invoke-with-response-stream' : 'invoke'}`
}

function encodeRequest(chat: ChatRequest, context: EncodeContext): object {
  const quirks = { thinkingBy: thinkingBy(chat.model), ...context.quirks }
  const {
    model: _model,
    stream: _stream,
    ...body
  } = { stream: undefined, model: undefined, ...anthropicMessages.encodeRequest(chat, { ...context, quirks }) }
  return { anthropic_version: VERSION, ...body }
}

/** Claude in Anthropic's own words: the body says the version and features in trial, the path the model and whether to stream. */
export const anthropicOnBedrock = {
  ...anthropicMessages,
  named: 'anthropic-on-bedrock',
  path,
  encodeRequest,
  decodeError: decodeFailure,
  framing: chunks,
  headers: [],
  edits: {
    ...anthropicMessages.edits,
    model: false,
    inPath: ['model', 'stream'],
    always: { anthropic_version: JSON.stringify(VERSION) },
    listed: { header: 'anthropic-beta', field: 'anthropic_beta', takes: BETAS },
  },
} satisfies UpstreamDialect
