import { type Fields, fields, list } from '../../src/dialects/fields.ts'

/** Pieces of text, each with the numbers of its tokens: told as one token of their joint probability, whose logarithms add up. */
export function decodeLogprobs(logprobs: unknown): { content: object[]; refusal: null } | undefined {
  if (!Array.isArray(logprobs)) return undefined
  return { content: logprobs.map((piece) => tokenOf(fields(piece))), refusal: null }
}

function tokenOf({ text, logprobs }: Fields): object {
  const numbers = list(logprobs).filter((value): value is number => typeof value === 'number')
  return { token: text, logprob: numbers.length === 0 ? undefined : sum(numbers), bytes: null, top_logprobs: [] }
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, value) => total + value, 0)

/** The way back; the tokens' numbers are another tokenizer's, and nobody told them. */
export function encodeLogprobs(logprobs: unknown): object[] | undefined {
  const { content } = fields(logprobs)
  return Array.isArray(content) ? content.map(pieceOf) : undefined
}

function pieceOf(value: unknown): object {
  const { token, logprob } = fields(value)
  return { text: token, token_ids: [], logprobs: logprob === undefined ? [] : [logprob] }
}
