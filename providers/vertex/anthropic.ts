import type { ChatRequest } from '../../src/contract/chat.ts'
import type { EncodeContext, UpstreamDialect } from '../../src/contract/dialect.ts'
import { anthropicMessages } from '../../src/dialects/anthropic-messages.ts'
import { anthropicCount } from '../../src/dialects/counting.ts'

const VERSION = 'vertex-2023-10-16'

/** Features in trial that Vertex knows; one it does not know fails the whole request. */
const BETAS = [
  'compact-2026-01-12',
  'computer-use-2025-01-24',
  'computer-use-2025-11-24',
  'context-1m-2025-08-07',
  'context-management-2025-06-27',
  'interleaved-thinking-2025-05-14',
  'tool-search-tool-2025-10-19',
]

function encodeRequest(chat: ChatRequest, context: EncodeContext): object {
  const { model: _inPath, ...body } = { model: undefined, ...anthropicMessages.encodeRequest(chat, context) }
  return { anthropic_version: VERSION, ...body }
}

const edits = {
  ...anthropicMessages.edits,
  always: { anthropic_version: JSON.stringify(VERSION) },
  listed: { header: 'anthropic-beta', takes: BETAS },
}

/** A model's version stands behind an `@`, which is fit for a path as it is. */
const named = (model: string): string => encodeURIComponent(model).replaceAll('%40', '@')

/** Claude in Anthropic's own words: the body says the version, the path the model. https://platform.claude.com/docs/en/api/claude-on-vertex-ai */
export const anthropicOnVertex = {
  ...anthropicMessages,
  path: ({ model, stream }) => `/models/${named(model)}:${stream ? 'streamRawPredict' : 'rawPredict'}`,
  encodeRequest,
  headers: ['anthropic-beta'],
  edits: { ...edits, model: false, inPath: ['model'] },
} satisfies UpstreamDialect

/** Counting is a model of its own, and the body names the one that is asked about. */
export const anthropicCountOnVertex = {
  ...anthropicCount,
  path: () => '/models/count-tokens:rawPredict',
  headers: ['anthropic-beta'],
  edits,
} satisfies UpstreamDialect
