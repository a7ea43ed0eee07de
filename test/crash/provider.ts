import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Asked, PROMPT } from './script.ts'

/** One request that a provider accepted, as its own journal has it. */
export interface Accepted {
  readonly provider: string
  readonly nonce: string
  /** It said no, and bills nothing. */
  refused: boolean
  /** Tokens said so far: what it bills, beside the prompt. */
  said: number
  /** Its usage has left. */
  told: boolean
}

/** The provider under a crash run: it outlives every gateway, and what it remembers is what the books must agree with. */
export interface ScriptedProvider {
  readonly origin: string
  /** Everything accepted since the journal was last taken. */
  take(): readonly Accepted[]
  /** Nobody waits for an answer. */
  readonly quiet: boolean
  close(): Promise<void>
}

export async function startProvider(scriptOf: (nonce: string) => Asked | undefined): Promise<ScriptedProvider> {
  const sockets = new Set<Socket>()
  let journal: Accepted[] = []
  let answering = 0

  const server = createServer((request, response) => {
    answering++
    serve(request, response)
      .catch(() => response.destroy())
      .finally(() => answering--)
  })
  server.on('connection', (socket) => sockets.add(socket.on('close', () => sockets.delete(socket)).on('error', () => {})))
  server.keepAliveTimeout = 60_000

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    const { user: nonce } = JSON.parse(Buffer.concat(chunks).toString())
    const accepted: Accepted = { provider: request.url?.split('/')[1] ?? '', nonce, refused: false, said: 0, told: false }
    journal.push(accepted)
    const asked = scriptOf(nonce)
    if (!asked) throw new Error(`Nobody asked ${nonce}.`)
    await perform(asked, accepted, response)
  }

  await once(server.listen(0, '127.0.0.1'), 'listening')
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    take() {
      const taken = journal
      journal = []
      return taken
    },
    get quiet() {
      return answering === 0
    },
    async close() {
      for (const socket of sockets) socket.destroy()
      await new Promise((done) => server.close(done))
    },
  }
}

async function perform(asked: Asked, accepted: Accepted, response: ServerResponse): Promise<void> {
  await sleep(asked.pause)
  // Nobody is there any more: it stops, having said nothing.
  if (response.destroyed) return
  const refuses = asked.deed === 'refuse' || (asked.deed === 'hop' && accepted.provider === 'groq')
  if (refuses) refuse(accepted, response)
  else if (asked.deed === 'stream' || asked.deed === 'break') await stream(asked, accepted, response)
  else answer(asked, accepted, response)
}

function refuse(accepted: Accepted, response: ServerResponse): void {
  accepted.refused = true
  response.writeHead(503, { 'content-type': 'application/json' })
  response.end(JSON.stringify({ error: { message: 'Too busy.', type: 'server_error', code: 'overloaded', param: null } }))
}

const USAGE = (tokens: number) => ({ prompt_tokens: PROMPT, completion_tokens: tokens, total_tokens: PROMPT + tokens })
const NAMED = { id: 'chatcmpl-1', created: 1, model: 'first' }

function answer({ tokens }: Asked, accepted: Accepted, response: ServerResponse): void {
  accepted.said = tokens
  accepted.told = true
  response.writeHead(200, { 'content-type': 'application/json' })
  const message = { role: 'assistant', content: 'word '.repeat(tokens) }
  const choices = [{ index: 0, message, finish_reason: 'stop' }]
  response.end(JSON.stringify({ ...NAMED, object: 'chat.completion', choices, usage: USAGE(tokens) }))
}

async function stream({ deed, tokens, pause }: Asked, accepted: Accepted, response: ServerResponse): Promise<void> {
  const say = (choices: readonly object[], more: object = {}) =>
    response.write(`data: ${JSON.stringify({ ...NAMED, object: 'chat.completion.chunk', choices, ...more })}\n\n`)
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  const last = deed === 'break' ? Math.ceil(tokens / 2) : tokens
  for (; accepted.said < last; accepted.said++) {
    if (response.destroyed) return
    say([{ index: 0, delta: { content: 'word ' }, finish_reason: null }])
    await sleep(pause / 4)
  }
  if (deed === 'break') {
    // What was said must not be overtaken by the reset.
    await sleep(20)
    response.socket?.resetAndDestroy()
    return
  }
  if (response.destroyed) return
  say([{ index: 0, delta: {}, finish_reason: 'stop' }])
  accepted.told = true
  say([], { usage: USAGE(tokens) })
  response.end('data: [DONE]\n\n')
}
