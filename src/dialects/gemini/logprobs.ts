import { type Fields, fields, list } from '../fields.ts'

/** `logprobsResult` as chat completions tell it: the chosen tokens, each with the likeliest at its place. */
export function decodeLogprobs(candidate: Fields): object | undefined {
  const { chosenCandidates, topCandidates } = fields(candidate.logprobsResult)
  if (!Array.isArray(chosenCandidates)) return undefined
  const tops = list(topCandidates)
  const content = chosenCandidates.map((chosen, index) => ({
    ...tokenOf(chosen),
    top_logprobs: list(fields(tops[index]).candidates).map(tokenOf),
  }))
  return { content, refusal: null }
}

/** The way back. */
export function encodeLogprobs(logprobs: unknown): { logprobsResult?: object } {
  const { content } = fields(logprobs)
  if (!Array.isArray(content)) return {}
  return {
    logprobsResult: {
      chosenCandidates: content.map(chosenOf),
      topCandidates: content.map((token) => ({ candidates: list(fields(token).top_logprobs).map(chosenOf) })),
    },
  }
}

function chosenOf(value: unknown): object {
  const { token, logprob } = fields(value)
  return { token, logProbability: logprob }
}

function tokenOf(candidate: unknown): object {
  const { token, logProbability } = fields(candidate)
  return { token, logprob: logProbability, bytes: null }
}
