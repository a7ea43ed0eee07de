import { fields, list, text } from '../fields.ts'

/** `logprobs` of a completion: lists side by side, one entry a token; offsets count characters from `start`. */
export function encodeLogprobs(logprobs: unknown, start: number): object | null {
  const { content } = fields(logprobs)
  if (!Array.isArray(content)) return null
  const tokens = content.map((entry) => text(fields(entry).token) ?? '')
  let offset = start
  return {
    tokens,
    token_logprobs: content.map((entry) => fields(entry).logprob),
    top_logprobs: content.map((entry) => Object.fromEntries(list(fields(entry).top_logprobs).map(pairOf))),
    text_offset: tokens.map((token) => {
      const at = offset
      offset += token.length
      return at
    }),
  }
}

function pairOf(entry: unknown): [string, unknown] {
  const { token, logprob } = fields(entry)
  return [text(token) ?? '', logprob]
}

/** The way back. */
export function decodeLogprobs(logprobs: unknown): object | null {
  const { tokens, token_logprobs, top_logprobs } = fields(logprobs)
  if (!Array.isArray(tokens)) return null
  const content = tokens.map((token, index) => ({
    token,
    logprob: list(token_logprobs)[index],
    bytes: null,
    top_logprobs: Object.entries(fields(list(top_logprobs)[index])).map(([other, logprob]) => ({ token: other, logprob, bytes: null })),
  }))
  return { content, refusal: null }
}
