import OpenAI from 'openai'
import { zodResponseFormat } from 'openai/helpers/zod'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { OWN, type Recording, recordingsIn } from '../contract/dialects/recordings.ts'
import { openRelayed, type Relayed } from '../support/relayed.ts'

// The client that apps use, unchanged, against a model of each kind of provider.

let scene: Relayed
let client: OpenAI
beforeAll(async () => {
  scene = await openRelayed()
  client = new OpenAI({ baseURL: `${scene.gateway.url}/v1`, apiKey: scene.tenant.key, maxRetries: 0 })
})
afterAll(() => scene.close())
afterEach(() => {
  scene.provider.journal.length = 0
})

const own = recordingsIn(OWN)

/** Lets the provider answer as one of our own recordings. */
function replay(file: string): Recording {
  const recording = own.find((one) => one.file === file)
  if (!recording) throw new Error(`There is no recording ${file} in test/recordings.`)
  const { status, headers, body } = recording.response
  scene.provider.answer({ status, headers, chunks: [body] })
  return recording
}

const sent = () => JSON.parse(scene.provider.journal.at(-1)!.body.toString())

const KINDS = [
  { kind: 'openai', model: 'openai/gpt-4o' },
  { kind: 'anthropic', model: 'anthropic/claude-sonnet-4-5' },
  { kind: 'google', model: 'google/gemini-2.5-flash' },
] as const

const WEATHER: OpenAI.ChatCompletionFunctionTool = {
  type: 'function',
  function: { name: 'get_weather', parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] } },
}
const messages: OpenAI.ChatCompletionMessageParam[] = [{ role: 'user', content: 'Hello' }]

describe('a chat completion', () => {
  const TEXT = {
    openai: ['openai/text-handmade.json', 'West by south, freshening. 🌬️'],
    anthropic: ['anthropic/text-handmade.json', 'West by south, freshening.'],
    google: ['google/text-handmade.json', 'West by south, freshening.'],
  } as const

  it.for(KINDS)('in one piece: $model', async ({ kind, model }) => {
    const [file, text] = TEXT[kind]
    replay(file)
    const answer = await client.chat.completions.create({ model, messages })
    expect(answer.choices[0]).toMatchObject({ index: 0, finish_reason: 'stop', message: { role: 'assistant', content: text } })
    expect(answer.usage!.total_tokens).toBe(answer.usage!.prompt_tokens + answer.usage!.completion_tokens)
    expect(answer.object).toBe('chat.completion')
  })

  it.for(KINDS)('as a stream: $model', async ({ kind, model }) => {
    replay(`${kind}/text-stream-handmade.json`)
    const stream = await client.chat.completions.create({ model, messages, stream: true, stream_options: { include_usage: true } })
    let text = ''
    const finishes: string[] = []
    let total: number | undefined
    for await (const { choices, usage } of stream) {
      text += choices[0]?.delta.content ?? ''
      if (choices[0]?.finish_reason) finishes.push(choices[0].finish_reason)
      if (usage) total = usage.total_tokens
    }
    expect({ text, finishes }).toEqual({
      text: kind === 'openai' ? 'A lapwing, neat – été and sweet.' : 'West by south – frais 🌬️.',
      finishes: ['stop'],
    })
    expect(total).toBeGreaterThan(0)
  })

  it.for(KINDS)('whose stream is broken off by the client: $model', async ({ kind, model }) => {
    replay(`${kind}/text-stream-handmade.json`)
    const stream = await client.chat.completions.create({ model, messages, stream: true })
    for await (const _chunk of stream) break
    expect(stream.controller.signal.aborted).toBe(true)
  })

  it.for(KINDS)('about a picture: $model', async ({ kind, model }) => {
    replay(`${kind}/image-handmade.json`)
    const url = 'data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='
    const content: OpenAI.ChatCompletionContentPart[] = [
      { type: 'text', text: 'What is it?' },
      { type: 'image_url', image_url: { url } },
    ]
    const answer = await client.chat.completions.create({ model, messages: [{ role: 'user', content }] })
    expect(answer.choices[0]!.message.content).toMatch(/mill/)
    expect(JSON.stringify(sent())).toContain(url.split(',')[1])
  })
})

describe('tools', () => {
  const CALLS = {
    openai: { file: 'openai/parallel-tools-stream-handmade.json', first: { harbour: 'Zierikzee' } },
    anthropic: { file: 'anthropic/thinking-and-parallel-tools-stream-handmade.json', first: {} },
    google: { file: 'google/parallel-tools-stream-handmade.json', first: { harbour: 'Zierikzee' } },
  } as const

  it.for(KINDS)('are called in streamed deltas, put together by the client itself: $model', async ({ kind, model }) => {
    const { file, first } = CALLS[kind]
    replay(file)
    const runner = client.chat.completions.stream({ model, messages, tools: [WEATHER] })
    const final = await runner.finalChatCompletion()
    const [choice] = final.choices
    const calls = (choice!.message.tool_calls ?? []).filter((call) => call.type === 'function')
    expect({ finish: choice!.finish_reason, calls: calls.length }).toEqual({ finish: 'tool_calls', calls: 2 })
    expect(new Set(calls.map(({ id }) => id)).size, 'ids that differ').toBe(2)
    expect(calls.map((call) => call.function.name)).toEqual(['tide_at', 'moon_phase'])
    expect(JSON.parse(calls[0]!.function.arguments)).toMatchObject(first)
  })

  it.for(KINDS)('get their results back in the next turn: $model', async ({ kind, model }) => {
    replay(
      kind === 'openai'
        ? 'openai/text-handmade.json'
        : kind === 'anthropic'
          ? 'anthropic/thinking-and-tools-handmade.json'
          : 'google/tools-handmade.json',
    )
    const first = await client.chat.completions.create({ model, messages, tools: [WEATHER], tool_choice: 'auto' })
    const asked = first.choices[0]!.message
    const calls = asked.tool_calls ?? [{ id: 'call_1', type: 'function' as const, function: { name: 'tide_at', arguments: '{}' } }]
    const results = calls.map(
      ({ id }): OpenAI.ChatCompletionMessageParam => ({ role: 'tool', tool_call_id: id, content: 'high water at noon' }),
    )
    replay(`${kind}/text-handmade.json`)
    const second = await client.chat.completions.create({
      model,
      messages: [...messages, { ...asked, tool_calls: calls }, ...results],
      tools: [WEATHER],
    })
    expect(second.choices[0]!.finish_reason).toBe('stop')
    expect(JSON.stringify(sent())).toContain('high water at noon')
    // What a provider signed must come back to it, or it refuses the turn.
    const signature = { openai: undefined, anthropic: 'c2lnbmF0dXJlLW9mLWEtdGhvdWdodA==', google: 'c2lnLWNhbGw=' }[kind]
    if (signature !== undefined) expect(JSON.stringify(sent())).toContain(signature)
  })
})

describe('structured output', () => {
  it.for(KINDS)('is parsed into the shape that was asked for: $model', async ({ kind, model }) => {
    replay(`${kind}/structured-output-handmade.json`)
    const answer = await client.chat.completions.parse({
      model,
      messages,
      response_format: zodResponseFormat(z.object({ knots: z.number() }), 'wind'),
    })
    expect(answer.choices[0]!.message.parsed).toEqual({ knots: 17 })
    expect(JSON.stringify(sent()), 'the schema reaches the provider').toContain('knots')
  })
})

describe('failures', () => {
  it.for(KINDS)('keep their status and come as the client’s own errors: $model', async ({ kind, model }) => {
    const { response } = replay(`${kind}/error-handmade.json`)
    const error = await client.chat.completions.create({ model, messages }).catch((thrown: unknown) => thrown)
    const Kind = { openai: OpenAI.BadRequestError, anthropic: OpenAI.InternalServerError, google: OpenAI.RateLimitError }[kind]
    expect(error).toBeInstanceOf(Kind)
    expect(error).toMatchObject({
      status: response.status,
      requestID: expect.stringMatching(/^req_/),
      message: expect.stringMatching(/mill|messages/),
    })
  })

  it.for(KINDS)('in the middle of a stream are thrown where it is read: $model', async ({ kind, model }) => {
    replay(`${kind}/error-in-stream-handmade.json`)
    const stream = await client.chat.completions.create({ model, messages, stream: true })
    let text = ''
    const read = async () => {
      for await (const { choices } of stream) text += choices[0]?.delta.content ?? ''
    }
    await expect(read()).rejects.toBeInstanceOf(OpenAI.APIError)
    expect(text).not.toBe('')
  })

  const own: [string, () => Promise<unknown>, unknown, object][] = [
    [
      'no such model',
      () => client.chat.completions.create({ model: 'no-such-model', messages }),
      OpenAI.NotFoundError,
      { status: 404, code: 'model_not_found', param: 'model' },
    ],
    [
      'a key nobody knows',
      () => client.withOptions({ apiKey: 'sk-unknown' }).chat.completions.create({ model: 'openai/gpt-4o', messages }),
      OpenAI.AuthenticationError,
      { status: 401, code: 'invalid_api_key' },
    ],
    [
      'no key of the provider',
      () => client.chat.completions.create({ model: 'mistral/mistral-large', messages }),
      OpenAI.PermissionDeniedError,
      { status: 403, code: 'credential_missing' },
    ],
    [
      'a parameter nobody can map',
      () => client.chat.completions.create({ model: 'anthropic/claude-sonnet-4-5', messages, n: 3 }),
      OpenAI.BadRequestError,
      { status: 400, code: 'unsupported_parameter', param: 'n' },
    ],
  ]
  it.for(own)('%s', async ([, call, Kind, expected]) => {
    const error = await call().catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(Kind)
    expect(error).toMatchObject(expected)
    expect(scene.provider.journal.length, 'requests that reached a provider').toBe(0)
  })
})

describe('models', () => {
  it('are listed, and each can be asked about', async () => {
    const ids: string[] = []
    for await (const { id } of client.models.list()) ids.push(id)
    expect(ids).toContain('gpt-4o')
    expect(await client.models.retrieve('gpt-4o')).toMatchObject({ id: 'gpt-4o', object: 'model' })
  })
})
