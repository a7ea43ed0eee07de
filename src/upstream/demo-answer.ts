import type { ChatChunk, ChatDelta, ChatMessage, ChatToolCall, ChatUsage, FinishReason } from '../contract/chat.ts'

/** What a demo model says; the same words are told whole or as a stream. */
export interface Reply {
  readonly reasoning?: string
  readonly text?: string
  readonly calls?: readonly { readonly name: string; readonly arguments: string }[]
}

/** What all frames of one answer share. */
export interface Envelope {
  readonly id: string
  /** Unix seconds. */
  readonly created: number
  readonly model: string
  readonly promptTokens: number
  readonly maxTokens: number | undefined
  readonly includeUsage: boolean
}

/** The demo's tokens: a word with the blanks before it, or one other mark. Joined, they are the text again. */
export function tokensOf(text: string): string[] {
  return text.match(/\s*[\p{L}\p{N}_]+|\s*[^\s\p{L}\p{N}_]|\s+$/gu) ?? []
}

export function encodeAnswer(reply: Reply, envelope: Envelope): Buffer {
  const said = say(reply, envelope)
  const message: ChatMessage = { role: 'assistant', content: said.calls.length > 0 ? null : said.text.join('') }
  if (said.reasoning.length > 0) message.reasoning_content = said.reasoning.join('')
  if (said.calls.length > 0) message.tool_calls = said.calls
  const { id, created, model } = envelope
  const choices = [{ index: 0, message, finish_reason: said.finish }]
  return Buffer.from(JSON.stringify({ id, object: 'chat.completion', created, model, choices, usage: said.usage }))
}

/** One buffer a frame, `[DONE]` the last. */
export function encodeFrames(reply: Reply, envelope: Envelope): Buffer[] {
  const said = say(reply, envelope)
  const frame = (delta: ChatDelta, finish: FinishReason | null = null): ChatChunk => ({
    ...base(envelope),
    choices: [{ index: 0, delta, finish_reason: finish }],
    ...(envelope.includeUsage ? { usage: null } : {}),
  })
  const frames = [
    frame({ role: 'assistant', content: said.calls.length > 0 ? null : '' }),
    ...said.reasoning.map((text) => frame({ reasoning_content: text })),
    ...said.text.map((text) => frame({ content: text })),
    ...said.calls.flatMap(callDeltas).map((delta) => frame(delta)),
    frame({}, said.finish),
    ...(envelope.includeUsage ? [{ ...base(envelope), choices: [], usage: said.usage }] : []),
  ]
  return [...frames.map((data) => JSON.stringify(data)), '[DONE]'].map((data) => Buffer.from(`data: ${data}\n\n`))
}

interface Said {
  readonly reasoning: readonly string[]
  readonly text: readonly string[]
  readonly calls: ChatToolCall[]
  readonly finish: FinishReason
  readonly usage: ChatUsage
}

/** The reply as tokens, ended where the caller's limit is. */
function say(reply: Reply, { id, promptTokens, maxTokens }: Envelope): Said {
  const [thought, spoken] = [tokensOf(reply.reasoning ?? ''), tokensOf(reply.text ?? '')]
  const calls = (reply.calls ?? []).map((call, index) => ({ id: `call_${id}_${index}`, type: 'function' as const, function: { ...call } }))
  const limit = maxTokens ?? Number.POSITIVE_INFINITY
  const reasoning = thought.slice(0, limit)
  const text = spoken.slice(0, Math.max(0, limit - reasoning.length))
  const cut = reasoning.length + text.length < thought.length + spoken.length
  const called = calls.reduce((sum, call) => sum + tokensOf(call.function.arguments).length, 0)
  const completion = reasoning.length + text.length + called
  const usage: ChatUsage = { prompt_tokens: promptTokens, completion_tokens: completion, total_tokens: promptTokens + completion }
  if (reasoning.length > 0) usage.completion_tokens_details = { reasoning_tokens: reasoning.length }
  return { reasoning, text, calls, finish: cut ? 'length' : calls.length > 0 ? 'tool_calls' : 'stop', usage }
}

function base({ id, created, model }: Envelope): Pick<ChatChunk, 'id' | 'object' | 'created' | 'model'> {
  return { id, object: 'chat.completion.chunk', created, model }
}

/** As OpenAI splits a call: its name first, then its arguments in pieces. */
function callDeltas({ id, type, function: { name, arguments: text } }: ChatToolCall, index: number): ChatDelta[] {
  const pieces = tokensOf(text).map((piece) => ({ index, function: { arguments: piece } }))
  return [{ index, id, type, function: { name, arguments: '' } }, ...pieces].map((call) => ({ tool_calls: [call] }))
}
