import { type Any, sumOf, type Words } from './words.ts'

// An answer of Ollama's own chat read without the code under test, as far as a test needs it.

export function wordsOfAnswer(body: Any): Words {
  return wordsOfStream([body])
}

export function wordsOfStream(lines: Any[]): Words {
  const messages = lines.map(({ message }) => message ?? {})
  const calls = messages
    .flatMap(({ tool_calls }) => tool_calls ?? [])
    .map((call) => ({ name: call.function.name, args: call.function.arguments }))
  const last = lines.find(({ done }) => done) ?? {}
  const finish = last.done_reason === 'stop' && calls.length > 0 ? 'tool_calls' : last.done_reason
  const { prompt_eval_count: input, eval_count: output } = last
  return {
    text: messages.map(({ content }) => content ?? '').join(''),
    reasoning: messages.map(({ thinking }) => thinking ?? '').join(''),
    calls,
    finish: finish ?? null,
    usage: { input, output, total: sumOf(input, output), cached: undefined, reasoning: undefined },
  }
}
