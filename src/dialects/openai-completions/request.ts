import { z } from 'zod'
import type { ChatRequest } from '../../contract/chat.ts'
import type { EncodeContext } from '../../contract/dialect.ts'
import { takes } from '../../contract/params.ts'
import { GatewayError } from '../../errors.ts'
import { absentIfNull, accept } from '../accept.ts'
import { count, fields, word } from '../fields.ts'
import { unsayable } from '../unsayable.ts'
import { params } from './params.ts'

/** The prompt as what a user says. Throws `unsupported_parameter` for what a model that converses cannot be asked. */
export function decodeRequest(body: unknown): ChatRequest {
  const { prompt, logprobs, suffix, echo, best_of, ...rest } = accept(completionRequest, body, 'a completion request')
  const asked = { suffix: word(suffix), echo: echo === true || undefined, best_of: best_of === 1 ? undefined : best_of }
  for (const [name, value] of Object.entries(asked)) if (value !== undefined) throw unsupported(name)
  const [text, ...others] = prompt
  if (text === undefined || others.length > 0)
    throw unsayable('prompt', 'must be one text for this model: send several prompts as several requests.')
  return {
    ...rest,
    messages: [{ role: 'user', content: text }],
    ...(logprobs === undefined ? {} : { logprobs: true, top_logprobs: logprobs }),
  }
}

/** Only what stands for one prompt can be said: a conversation has no words here. */
export function encodeRequest(chat: ChatRequest, { stream, quirks }: EncodeContext): object {
  const [only, ...others] = chat.messages
  if (only?.role !== 'user' || typeof only.content !== 'string' || others.length > 0)
    throw unsayable('messages', 'this model continues one text: send a single message of role user.')
  const { messages: _, logprobs, top_logprobs, max_tokens, max_completion_tokens, stream_options, ...rest } = chat
  const taken = Object.entries(rest).filter(([name]) => params[name] === 'mapped' && takes(quirks, name))
  return {
    ...Object.fromEntries(taken),
    prompt: only.content,
    ...(stream ? { stream } : {}),
    max_tokens: max_completion_tokens ?? max_tokens,
    logprobs: count(top_logprobs) ?? (logprobs === true ? 0 : undefined),
    ...(stream && quirks.usageInStreaming !== false ? { stream_options: { ...fields(stream_options), include_usage: true } } : {}),
  }
}

function unsupported(param: string): GatewayError {
  const sentence = `${param}: this model converses and cannot be asked for it. Leave it out, or ask a model of the completions API.`
  return new GatewayError('unsupported_parameter', sentence, { param })
}

const completionRequest = z.looseObject({
  model: z.string(),
  prompt: z.preprocess(
    (prompt) => (typeof prompt === 'string' ? [prompt] : prompt),
    z.array(z.string('must be text: tokens of one model mean nothing to another')),
  ),
  stream: absentIfNull(z.boolean()),
  logprobs: absentIfNull(z.number()),
  suffix: absentIfNull(z.string()),
  echo: absentIfNull(z.boolean()),
  best_of: absentIfNull(z.number()),
})
