import type { Words } from './words.ts'
import { type Any, at, callsFrom, sumOf } from './words.ts'

// An OpenAI-style answer read without the code under test, as far as a test needs it.

const FINISH: Record<string, string> = { tool_call: 'tool_calls', max_tokens: 'length', eos: 'stop', eos_token: 'stop' }

export function wordsOfAnswer(body: Any): Words {
  const choice = body.choices[0]
  const message = choice.message ?? {}
  const calls = (message.tool_calls ?? []).map((call: Any) => ({ name: call.function.name, args: argsOf(call.function.arguments) }))
  return {
    text: textOf(message.content),
    reasoning: reasoningOf(message),
    calls,
    finish: finishOf(choice.finish_reason, calls.length),
    usage: usageOf(body),
  }
}

export function wordsOfStream(payloads: Any[]): Words {
  const choices = payloads.flatMap((payload) => payload.choices ?? []).filter((choice) => (choice.index ?? 0) === 0)
  const deltas = choices.map((choice) => choice.delta ?? {})
  const calls = callsFrom(deltas.flatMap((delta) => delta.tool_calls ?? []))
  return {
    text: deltas.map((delta) => textOf(delta.content)).join(''),
    reasoning: deltas.map(reasoningOf).join(''),
    calls,
    finish: finishOf(choices.map((choice) => choice.finish_reason).findLast(Boolean), calls.length),
    usage: usageOf(payloads.findLast((payload) => payload.usage && Object.keys(payload.usage).length > 0) ?? {}),
  }
}

function textOf(content: Any): string {
  return Array.isArray(content) ? content.map((part) => part.text ?? '').join('') : (content ?? '')
}

function reasoningOf(message: Any): string {
  const parts = Array.isArray(message.content) ? message.content.flatMap((part: Any) => part.thinking ?? []) : []
  return message.reasoning_content || message.reasoning || message.reasoning_text || parts.map((part: Any) => part.text).join('')
}

function argsOf(args: Any): unknown {
  return typeof args === 'string' ? (args === '' ? '' : JSON.parse(args)) : args
}

function finishOf(reason: string | undefined, calls: number): string | null {
  if (!reason) return null
  const finish = FINISH[reason] ?? reason
  return finish === 'stop' && calls > 0 ? 'tool_calls' : finish
}

function usageOf(body: Any): Words['usage'] {
  const usage = body.usage ?? {}
  return {
    input: usage.prompt_tokens,
    output: usage.completion_tokens,
    total: sumOf(usage.prompt_tokens, usage.completion_tokens),
    cached: at(usage, 'prompt_tokens_details', 'cached_tokens') ?? usage.cached_tokens ?? usage.prompt_cache_hit_tokens,
    reasoning: at(usage, 'completion_tokens_details', 'reasoning_tokens') ?? usage.reasoning_tokens,
  }
}
