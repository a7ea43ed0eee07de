// The hub: OpenAI's chat completions, kept open. Dialects meet here, so a field that nobody listed still travels.
// https://platform.openai.com/docs/api-reference/chat

export interface ChatRequest {
  model: string
  messages: ChatMessage[]
  stream?: boolean
  tools?: ChatTool[]
  tool_choice?: 'none' | 'auto' | 'required' | { type: string; function?: { name: string }; [field: string]: unknown }
  [field: string]: unknown
}

export interface ChatMessage {
  role: 'system' | 'developer' | 'user' | 'assistant' | 'tool' | 'function'
  content?: string | ChatPart[] | null
  name?: string
  tool_calls?: ChatToolCall[]
  tool_call_id?: string
  refusal?: string | null
  /** The model's thinking as plain text. */
  reasoning_content?: string | null
  /** The model's thinking with what a provider needs to get it back unchanged: signatures, redacted and encrypted blocks. */
  reasoning_details?: ReasoningDetail[]
  [field: string]: unknown
}

export type ChatPart =
  | { type: 'text'; text: string; [field: string]: unknown }
  | { type: 'image_url'; image_url: { url: string; detail?: string }; [field: string]: unknown }
  | { type: 'input_audio'; input_audio: { data: string; format: string }; [field: string]: unknown }
  | { type: 'file'; file: { filename?: string; file_data?: string; file_id?: string }; [field: string]: unknown }
  | { type: 'refusal'; refusal: string; [field: string]: unknown }

/** Reasoning kept verbatim between turns; `signature` and `data` are opaque and returned untouched. */
export interface ReasoningDetail {
  type: 'reasoning.text' | 'reasoning.summary' | 'reasoning.encrypted'
  text?: string
  summary?: string
  data?: string
  signature?: string | null
  id?: string | null
  index?: number
  format?: string
  [field: string]: unknown
}

export interface ChatTool {
  type: string
  function?: { name: string; description?: string; parameters?: unknown; strict?: boolean | null }
  /**
   * Marks a function that stands for a tool of free text (OpenAI's custom tools): its one parameter is `input`, and `format` is the
   * grammar that text must follow.
   */
  freeform?: { format?: unknown }
  [field: string]: unknown
}

export interface ChatToolCall {
  id: string
  type: 'function'
  /** `arguments` is JSON text and is never parsed and written again where it only needs forwarding. */
  function: { name: string; arguments: string }
  /** Where a provider's own marks ride, e.g. `google.thought_signature`. */
  extra_content?: Record<string, unknown>
  [field: string]: unknown
}

export type FinishReason = 'stop' | 'length' | 'tool_calls' | 'content_filter' | 'function_call'

export interface ChatResponse {
  id: string
  object: 'chat.completion'
  created: number
  model: string
  choices: ChatChoice[]
  usage?: ChatUsage
  [field: string]: unknown
}

export interface ChatChoice {
  index: number
  message: ChatMessage
  finish_reason: FinishReason | null
  /** The provider's own word, where it was translated. */
  native_finish_reason?: string
  logprobs?: unknown
}

export interface ChatChunk {
  id: string
  object: 'chat.completion.chunk'
  created: number
  model: string
  choices: ChatChunkChoice[]
  usage?: ChatUsage | null
  [field: string]: unknown
}

export interface ChatChunkChoice {
  index: number
  delta: ChatDelta
  finish_reason: FinishReason | null
  /** The provider's own word, where it was translated. */
  native_finish_reason?: string
  logprobs?: unknown
}

export interface ChatDelta {
  role?: 'assistant'
  content?: string | null
  refusal?: string | null
  reasoning_content?: string
  reasoning_details?: ReasoningDetail[]
  tool_calls?: ChatToolCallDelta[]
  [field: string]: unknown
}

/** Id and name come in a call's first delta only; later deltas carry pieces of `arguments`. */
export interface ChatToolCallDelta {
  index: number
  id?: string
  type?: 'function'
  function?: { name?: string; arguments?: string }
  extra_content?: Record<string, unknown>
}

/**
 * `prompt_tokens` includes cached ones and `completion_tokens` includes reasoning, as OpenAI counts. A count the provider did not tell
 * is absent, and then so is the total.
 */
export interface ChatUsage {
  prompt_tokens?: number
  completion_tokens?: number
  total_tokens?: number
  prompt_tokens_details?: { cached_tokens?: number; cache_write_tokens?: number; audio_tokens?: number }
  completion_tokens_details?: { reasoning_tokens?: number; audio_tokens?: number }
  [field: string]: unknown
}
