// What is said in the bench: requests and answers of everyday size.

const PROSE = 'The gateway reads what it must, pays with the right key, and passes the rest on as it came. '

/** About one kilobyte, in the shape of an OpenAI chat completion. */
export const ANSWER = Buffer.from(
  JSON.stringify({
    id: 'chatcmpl-bench0000000000000000000000',
    object: 'chat.completion',
    created: 1_790_000_000,
    model: 'gpt-5-mini-2025-08-07',
    choices: [
      {
        index: 0,
        message: { role: 'assistant', content: PROSE.repeat(6), refusal: null, annotations: [] },
        logprobs: null,
        finish_reason: 'stop',
      },
    ],
    usage: {
      prompt_tokens: 215,
      completion_tokens: 118,
      total_tokens: 333,
      prompt_tokens_details: { cached_tokens: 0, audio_tokens: 0 },
      completion_tokens_details: { reasoning_tokens: 0, audio_tokens: 0, accepted_prediction_tokens: 0, rejected_prediction_tokens: 0 },
    },
    service_tier: 'default',
    system_fingerprint: null,
  }),
)

/** A request of about one kilobyte. */
export function request(model: string, more: object = {}): string {
  const messages = [
    { role: 'system', content: PROSE.repeat(3) },
    { role: 'user', content: PROSE.repeat(6) },
  ]
  return JSON.stringify({ model, messages, temperature: 0.2, max_completion_tokens: 400, ...more })
}

const MEGABYTE = 1024 * 1024

/** A request of one megabyte: prose as it stands on a page, an image, or source code, every line of it full of escapes. */
export function large(model: string, content: 'prose' | 'image' | 'code'): string {
  const code = `\tconst name = "it's \\"quoted\\"";\n\tif (a < b && c["d"]) {\n\t\treturn \`\${x}\\n\`;\n\t}\n`
  const text = { prose: PROSE, code, image: 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJ' }[content]
  const whole = text.repeat(Math.ceil(MEGABYTE / JSON.stringify(text).length))
  const part =
    content === 'image' ? { type: 'image_url', image_url: { url: `data:image/png;base64,${whole}` } } : { type: 'text', text: whole }
  return request(model, { messages: [{ role: 'user', content: [part] }] })
}
