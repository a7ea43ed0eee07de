import { type Any, at, sumOf, type Words } from './words.ts'

// A completion of old read without the code under test, as far as a test needs it.

export function wordsOfAnswer(body: Any): Words {
  const { prompt_tokens: input, completion_tokens: output, ...details } = body.usage ?? {}
  return {
    text: body.choices[0].text,
    reasoning: '',
    calls: [],
    finish: body.choices[0].finish_reason ?? null,
    usage: {
      input,
      output,
      total: sumOf(input, output),
      cached: at(details, 'prompt_tokens_details', 'cached_tokens'),
      reasoning: at(details, 'completion_tokens_details', 'reasoning_tokens'),
    },
  }
}

export function wordsOfStream(payloads: Any[]): Words {
  const choices = payloads.flatMap((payload) => payload.choices).filter((choice) => choice.index === 0)
  const whole = {
    text: choices.map((choice) => choice.text).join(''),
    finish_reason: choices.map((choice) => choice.finish_reason).findLast(Boolean),
  }
  return wordsOfAnswer({ choices: [whole], usage: payloads.findLast((payload) => payload.usage)?.usage })
}
