import { createHash } from 'node:crypto'
import { z } from 'zod'
import { bytesOf, type Upstream, type UpstreamRequest } from '../contract/upstream.ts'
import { Watch } from './deadlines.ts'
import { type Envelope, encodeAnswer, encodeFrames, type Reply, tokensOf } from './demo-answer.ts'
import { instanceOf } from './instance.ts'
import { type After, Playback, type Script } from './playback.ts'

export interface DemoInput {
  /** Milliseconds since 1970. */
  readonly now: () => number
  readonly after: After
}

/** The built-in provider: OpenAI's chat format, answered in process, the same for the same request. */
export function createDemo({ now, after }: DemoInput): Upstream {
  const watch = new Watch(now)
  return {
    send: (request, listener) => new Playback(scriptFor(request, now()), { request, listener, watch, after }),
    close: async () => undefined,
  }
}

type Model = Speaker | { readonly fails: Refusal }

interface Speaker {
  readonly says: (ask: Ask) => Reply
  /** Milliseconds between frames. */
  readonly pace?: number
  /** How its answers end, if not well. */
  readonly end?: Script['end']
}

interface Refusal {
  readonly status: number
  readonly type: string
  readonly code: string
  readonly message: string
  readonly headers?: Readonly<Record<string, string>>
}

const echo = (ask: Ask): Reply => ({ text: lastUserText(ask) })

const MODELS: Readonly<Record<string, Model>> = {
  echo: { says: echo },
  frontier: { says: echo },
  stream: { says: () => ({ text: Array.from({ length: 100 }, (_, at) => at + 1).join(' ') }), pace: 20 },
  slow: { says: echo, pace: 250 },
  tools: { says: callTools },
  json: { says: (ask) => ({ text: JSON.stringify(instanceOf(ask.response_format?.json_schema?.schema) ?? { echo: lastUserText(ask) }) }) },
  reasoning: { says: (ask) => ({ reasoning: `The user said ${tokensOf(lastUserText(ask)).length} words; I repeat them.`, ...echo(ask) }) },
  'fail-429': {
    fails: {
      status: 429,
      type: 'requests',
      code: 'rate_limit_exceeded',
      message: 'This demo model is always over its limit.',
      headers: { 'retry-after': '2' },
    },
  },
  'fail-500': { fails: { status: 500, type: 'server_error', code: 'internal_error', message: 'This demo model always breaks.' } },
  stall: { says: echo, end: 'silence' },
  cut: { says: echo, end: 'cut' },
}

/** Their names, for `GET /models` and for whoever lists them. */
export const demoModels: readonly string[] = Object.keys(MODELS)

const askShape = z.looseObject({
  model: z.string(),
  messages: z.array(z.looseObject({ role: z.string(), content: z.unknown() })),
  stream: z.boolean().nullish(),
  stream_options: z.looseObject({ include_usage: z.boolean().nullish() }).nullish(),
  tools: z.array(z.looseObject({ function: z.looseObject({ name: z.string(), parameters: z.unknown() }).optional() })).nullish(),
  response_format: z.looseObject({ json_schema: z.looseObject({ schema: z.unknown() }).nullish() }).nullish(),
  max_tokens: z.number().nullish(),
  max_completion_tokens: z.number().nullish(),
})
type Ask = z.infer<typeof askShape>

function scriptFor(request: UpstreamRequest, now: number): Script {
  if (request.method === 'GET' && request.path === '/models') return modelList()
  if (request.path !== '/chat/completions') return refused(notFound(`The demo has no ${request.path}; it answers /chat/completions.`))
  const ask = decodeAsk(bytesOf(request))
  if (ask === undefined) return refused(BAD_BODY)
  const model = Object.hasOwn(MODELS, ask.model) ? MODELS[ask.model] : undefined
  if (model === undefined) return refused(notFound(`The demo has no model ${ask.model}; it has ${demoModels.join(', ')}.`))
  return 'fails' in model ? refused(model.fails) : answered(model, ask, { request, now })
}

function answered({ says, pace, end }: Speaker, ask: Ask, { request, now }: { request: UpstreamRequest; now: number }): Script {
  const digest = createHash('sha256').update(bytesOf(request))
  const id = `demo-${digest.digest('hex').slice(0, 24)}`
  const envelope: Envelope = {
    id: `chatcmpl-${id}`,
    created: Math.floor(now / 1000),
    model: ask.model,
    promptTokens: ask.messages.reduce((sum, { content }) => sum + tokensOf(textOf(content)).length, 0),
    maxTokens: ask.max_completion_tokens ?? ask.max_tokens ?? undefined,
    includeUsage: ask.stream_options?.include_usage ?? false,
  }
  const chunks = ask.stream ? encodeFrames(says(ask), envelope) : halves(encodeAnswer(says(ask), envelope))
  const headers = { 'content-type': ask.stream ? 'text/event-stream' : 'application/json', 'x-request-id': id }
  return { status: 200, headers, chunks: end === undefined ? chunks : chunks.slice(0, KEPT[end](chunks.length)), pace, end }
}

/** How many of its frames an answer that ends badly still gives. */
const KEPT = { silence: () => 0, cut: (all: number) => Math.floor(all / 2) }

/** The first two tools given, called at once; once a tool has answered, words, so that a loop of calls comes to its end. */
function callTools(ask: Ask): Reply {
  const last = ask.messages.at(-1)
  if (last?.role === 'tool') return { text: `The tool answered: ${textOf(last.content)}` }
  const tools = (ask.tools ?? []).slice(0, 2).flatMap((tool) => tool.function ?? [])
  if (tools.length === 0) return { text: 'Give me a tool and I will call it.' }
  return { calls: tools.map(({ name, parameters }) => ({ name, arguments: JSON.stringify(instanceOf(parameters) ?? {}) })) }
}

function lastUserText({ messages }: Ask): string {
  return textOf(messages.findLast(({ role }) => role === 'user')?.content)
}

/** The text of a message, whether its content is a string or parts. */
function textOf(content: unknown): string {
  if (typeof content === 'string') return content
  const parts = z.array(z.looseObject({ text: z.string().optional().catch(undefined) })).safeParse(content)
  return parts.data?.map(({ text }) => text ?? '').join('') ?? ''
}

function decodeAsk(body: Buffer): Ask | undefined {
  try {
    return askShape.safeParse(JSON.parse(body.toString())).data
  } catch {
    return undefined
  }
}

const BAD_BODY: Refusal = {
  status: 400,
  type: 'invalid_request_error',
  code: 'invalid_body',
  message: 'The demo wants a JSON object with a model and messages.',
}

function notFound(message: string): Refusal {
  return { status: 404, type: 'invalid_request_error', code: 'model_not_found', message }
}

function refused({ status, type, code, message, headers }: Refusal): Script {
  return json({ error: { message, type, param: null, code } }, { status, headers })
}

function modelList(): Script {
  return json({ object: 'list', data: demoModels.map((id) => ({ id, object: 'model', created: 0, owned_by: 'demo' })) }, { status: 200 })
}

function json(body: object, { status, headers }: Pick<Refusal, 'status' | 'headers'>): Script {
  return { status, headers: { 'content-type': 'application/json', ...headers }, chunks: [Buffer.from(JSON.stringify(body))] }
}

function halves(body: Buffer): Buffer[] {
  const middle = body.length >> 1
  return [body.subarray(0, middle), body.subarray(middle)]
}
