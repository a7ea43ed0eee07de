import { type Any, sumOf, type Words } from './words.ts'

// A Gemini answer read without the code under test, as far as a test needs it.

const FILTERED = ['SAFETY', 'RECITATION', 'LANGUAGE', 'BLOCKLIST', 'PROHIBITED_CONTENT', 'SPII', 'IMAGE_SAFETY']

export function wordsOfAnswer(body: Any): Words {
  return wordsOfStream([body])
}

export function wordsOfStream(payloads: Any[]): Words {
  const candidates = payloads.flatMap((payload) => payload.candidates ?? []).filter((candidate) => (candidate.index ?? 0) === 0)
  const parts: Any[] = candidates.flatMap((candidate) => candidate.content?.parts ?? [])
  const calls = parts.flatMap((part) => part.functionCall ?? []).map((call) => ({ name: call.name, args: call.args ?? {} }))
  const finish = candidates.map((candidate) => candidate.finishReason).findLast((reason) => typeof reason === 'string')
  return {
    text: parts.map((part) => (part.thought ? '' : (part.text ?? ''))).join(''),
    reasoning: parts.map((part) => (part.thought ? part.text : '')).join(''),
    calls,
    finish: payloads.some((payload) => payload.promptFeedback?.blockReason) ? 'content_filter' : finishOf(finish, calls.length),
    usage: usageOf(payloads.findLast((payload) => payload.usageMetadata)?.usageMetadata ?? {}),
  }
}

function finishOf(reason: string | undefined, calls: number): string | null {
  if (reason === undefined) return null
  if (reason === 'MAX_TOKENS') return 'length'
  if (FILTERED.includes(reason)) return 'content_filter'
  return calls > 0 ? 'tool_calls' : 'stop'
}

function usageOf(usage: Any): Words['usage'] {
  const input = usage.promptTokenCount
  const { candidatesTokenCount: said, thoughtsTokenCount: thought } = usage
  const untold = usage.totalTokenCount === undefined || input === undefined ? undefined : usage.totalTokenCount - input
  const output = said === undefined && thought === undefined ? untold : (said ?? 0) + (thought ?? 0)
  return { input, output, total: sumOf(input, output), cached: usage.cachedContentTokenCount, reasoning: thought }
}
