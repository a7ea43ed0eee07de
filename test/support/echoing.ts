import type { Received, Script, ScriptedAnswer } from './fake-provider.ts'

// Providers that give back the key they were sent, in the ways that were seen and some that were not.

/** The key as it came, in whichever header its provider takes it. */
function keyIn({ headers }: Received): string {
  const sent = headers['authorization'] ?? headers['x-api-key'] ?? headers['x-goog-api-key'] ?? ''
  return Buffer.from(sent.replace(/^Bearer /, ''), 'latin1').toString()
}

const echo =
  (answer: (key: string) => ScriptedAnswer): Script =>
  (received) =>
    answer(keyIn(received))

const failure = (message: string, more: object = {}) => ({
  error: { message, type: 'invalid_request_error', code: null, param: null, ...more },
})
const stream = (key: string) => ({ 'content-type': 'text/event-stream', 'x-request-id': `req-${key}` })

export const echoes: Readonly<Record<string, Script>> = {
  'in the words of a 401': echo((key) => ({ status: 401, body: failure(`Incorrect API key provided: ${key}.`) })),
  'in the words of a 400': echo((key) => ({ status: 400, body: failure(`Key ${key} may not do this.`) })),
  'in base64 and percent-encoded': echo((key) => ({
    status: 400,
    body: failure(`${Buffer.from(key).toString('base64')} ${Buffer.from(key).toString('base64url')} ${encodeURIComponent(key)}`),
  })),
  'as code, type and param': echo((key) => ({ status: 422, body: failure('No.', { code: key, type: key, param: key }) })),
  'in a body in no envelope': echo((key) => ({ status: 500, body: { detail: `Bearer ${key}`, trace: [key] } })),
  'in HTML': echo((key) => ({ status: 502, headers: { 'content-type': 'text/html' }, body: `<p>${key}</p>` })),
  'across the point where an error is cut off': echo((key) => ({
    status: 500,
    body: `${'x'.repeat(4096 - Math.floor(key.length / 2))}${key}`,
  })),
  'in headers': echo((key) => ({
    status: 429,
    headers: {
      'x-request-id': key,
      'x-ratelimit-reset-requests': key,
      'openai-version': key,
      'set-cookie': key,
      'www-authenticate': key,
      'retry-after': key,
    },
    body: failure('Slow down.'),
  })),
  'in an error inside a 200': echo((key) => ({ body: failure(key) })),
  'in an error that opens a stream': echo((key) => ({
    headers: stream(key),
    chunks: [`data: ${JSON.stringify(failure(key))}\n\n`],
  })),
  'in an error in the middle of a stream, cut in two': echo((key) => {
    const text = `data: ${JSON.stringify(failure(`No, ${key}`))}\n\n`
    const half = Math.floor(text.length / 2)
    return {
      headers: stream(key),
      chunks: [
        'data: {"id":"1","choices":[{"index":0,"delta":{"content":"Hel"},"finish_reason":null}]}\n\n',
        20,
        text.slice(0, half),
        20,
        text.slice(half),
      ],
    }
  }),
  'in an error of Anthropic’s kind in a stream': echo((key) => ({
    headers: stream(key),
    chunks: [`event: error\ndata: ${JSON.stringify({ type: 'error', error: { type: 'authentication_error', message: key } })}\n\n`],
  })),
  'in a redirect': echo((key) => ({ status: 302, headers: { location: `http://127.0.0.1:1/?key=${encodeURIComponent(key)}` } })),
  'in half a JSON': echo((key) => ({
    body: Buffer.from(`{"choices":[{"message":{"content":"${key}`),
    headers: { 'content-type': 'application/json' },
  })),
  'in a status line’s company of nonsense': echo((key) => ({ status: 418, headers: { 'x-key': key }, body: key })),
}

export const anthropicSays: Script = {
  body: {
    id: 'msg_1',
    type: 'message',
    role: 'assistant',
    content: [{ type: 'text', text: 'Hi' }],
    stop_reason: 'end_turn',
    usage: { input_tokens: 1, output_tokens: 1 },
  },
}
export const geminiSays: Script = {
  body: { candidates: [{ content: { parts: [{ text: 'Hi' }] }, finishReason: 'STOP' }], responseId: 'r1' },
}
