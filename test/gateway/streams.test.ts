import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { eventsOf } from '../contract/dialects/recordings.ts'
import { completion, delta, finish, framed, openRelayed, type Relayed, usageFrame } from '../support/relayed.ts'

const PING_AFTER = 150

let scene: Relayed
beforeAll(async () => {
  scene = await openRelayed({ pingAfter: PING_AFTER })
})
afterAll(() => scene.close())
afterEach(() => {
  scene.provider.journal.length = 0
})

const ANSWER = [delta('Hel'), delta('lo'), finish()]
const sent = () => JSON.parse(scene.provider.journal.at(-1)!.body.toString())

async function streamed(body: object = {}): Promise<string> {
  const response = await scene.post({ stream: true, ...body })
  expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8')
  return response.text()
}

describe('usage in a stream', () => {
  it('is asked of the provider, and its frame hidden from a client that did not ask', async () => {
    scene.provider.answer({ events: [...ANSWER, usageFrame(), '[DONE]'] })
    expect(await streamed()).toBe(framed([...ANSWER, '[DONE]']))
    expect(sent().stream_options).toEqual({ include_usage: true })
  })

  it('is shown to a client that asked', async () => {
    scene.provider.answer({ events: [...ANSWER, usageFrame(), '[DONE]'] })
    expect(await streamed({ stream_options: { include_usage: true } })).toBe(framed([...ANSWER, usageFrame(), '[DONE]']))
  })

  it('stays where a frame says something else, too, and `usage: null` stays everywhere', async () => {
    const events = [{ ...delta('Hi'), usage: null }, { ...finish(), usage: { prompt_tokens: 1, completion_tokens: 2 } }, '[DONE]']
    scene.provider.answer({ events })
    expect(await streamed()).toBe(framed(events))
  })

  it('is no usage frame when only something inside it has empty choices', async () => {
    const odd = { ...delta('Hi'), choices: [{ index: 0, delta: { content: 'Hi', form: { choices: [], usage: {} } }, finish_reason: null }] }
    scene.provider.answer({ events: [odd, finish(), '[DONE]'] })
    expect(await streamed()).toBe(framed([odd, finish(), '[DONE]']))
  })

  it('is booked from the hidden frame', async () => {
    const before = (await scene.hand.booked(scene.tenant.id)).length
    scene.provider.answer({ events: [...ANSWER, usageFrame(11, 5), '[DONE]'] })
    await streamed()
    const row = (await scene.hand.settled(scene.tenant.id, before + 1)).at(-1)
    expect(row).toMatchObject({ state: 'settled', outcome: { usage: { input: 11, output: 5 } } })
  })

  it('keeps what else stream_options says', async () => {
    scene.provider.answer({ events: [...ANSWER, '[DONE]'] })
    await streamed({ stream_options: { include_usage: false, include_obfuscation: false } })
    expect(sent().stream_options).toEqual({ include_usage: true, include_obfuscation: false })
  })
})

describe('bytes', () => {
  it('are the same wherever the provider cuts them, also when a part of a frame waits that is as long as the part that came', async () => {
    const frames = ['alpha', 'bravo', 'gamma', 'delta', 'omega', 'kappa'].map((word) => framed([delta(word)]))
    const text = frames.join('') + framed([finish(), '[DONE]'])
    const [{ length = 0 } = ''] = frames
    const half = Math.floor(length / 2)
    const chunks = [
      text.slice(0, half),
      text.slice(half, half + 2 * length),
      text.slice(half + 2 * length, half + 4 * length),
      text.slice(half + 4 * length),
    ]
    scene.provider.answer({ headers: { 'content-type': 'text/event-stream' }, chunks: chunks.flatMap((chunk) => [chunk, 20]) })
    expect(await streamed()).toBe(text)
  })

  it('pass with CRLF, odd white space, unknown fields, event names, ids and comments', async () => {
    const text = [
      ': OPENROUTER PROCESSING\r\n\r\n',
      'id: 7\r\nevent: chunk\r\ndata:  {"choices" : [ {"index":0,"delta":{"content":"ü🦊"},"finish_reason":null} ], "vendor":{"n":12345678901234567890} }\r\n\r\n',
      'data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\r\n\r\n',
      'data: [DONE]\r\n\r\n',
    ].join('')
    const bytes = Buffer.from(text)
    for (const size of [1, 3, 64, bytes.length]) {
      const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, at) => bytes.subarray(at * size, (at + 1) * size))
      scene.provider.answer({ headers: { 'content-type': 'text/event-stream' }, chunks })
      expect(await streamed()).toBe(text)
    }
  })

  it('of a request pass save for the model and the wish for usage', async () => {
    scene.provider.answer({ events: [finish(), '[DONE]'] })
    const body =
      '{ "messages":[{"role":"user","content":"\\u0041 \u{1f98a}"}],\n "seed": 9007199254740993, "vendor_field":{"a":1e2 , "a":-0},"model" : "openai/gpt-4o","stream":true }'
    const response = await fetch(`${scene.gateway.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${scene.tenant.key}` },
      body,
    })
    await response.text()
    expect(scene.provider.journal[0]!.body.toString()).toBe(
      body.replace('"openai/gpt-4o"', '"gpt-4o"').replace('true }', 'true,"stream_options":{"include_usage":true} }'),
    )
  })
})

describe('an end', () => {
  it('without [DONE] after a finish reason stays as it is', async () => {
    scene.provider.answer({ events: ANSWER })
    expect(await streamed()).toBe(framed(ANSWER))
  })

  it('without a finish reason is one error frame and no [DONE]', async () => {
    scene.provider.answer({ events: [delta('Hel'), delta('lo')] })
    const events = eventsOf(await streamed())
    expect(events.slice(0, 2).map(({ data }) => data)).toEqual([delta('Hel'), delta('lo')].map((event) => JSON.stringify(event)))
    expect(events.slice(2).map(({ data }) => JSON.parse(data).error)).toMatchObject([{ code: 'upstream_disconnected', type: 'api_error' }])
  })

  it('by a reset in the middle is one error frame, and no second attempt', async () => {
    scene.provider.answer({ events: [delta('Hel'), 30], end: 'reset' })
    const events = eventsOf(await streamed())
    expect(events.map(({ data }) => JSON.parse(data).error?.code)).toEqual([undefined, 'upstream_disconnected'])
    expect(scene.provider.journal.length).toBe(1)
  })

  it('comes once: what a provider says after its own end is not passed on', async () => {
    scene.provider.answer({ events: [...ANSWER, '[DONE]', delta('more'), '[DONE]'] })
    expect(await streamed()).toBe(framed([...ANSWER, '[DONE]']))
  })

  it('comes though the provider keeps the socket open after [DONE]', async () => {
    scene.provider.answer({ events: [...ANSWER, '[DONE]'], end: 'never' })
    expect(await streamed()).toBe(framed([...ANSWER, '[DONE]']))
  })
})

describe('an error inside a 200', () => {
  const failure = { error: { message: 'The model is busy.', type: 'server_error', code: 'busy', param: null } }

  it('passes as the provider framed it and ends the stream', async () => {
    scene.provider.answer({ events: [delta('Hel'), failure, delta('lo'), '[DONE]'] })
    expect(await streamed()).toBe(framed([delta('Hel'), failure]))
  })

  it('is put into the envelope where it is not in it', async () => {
    scene.provider.answer({ events: [delta('Hel'), { error: 'The model is busy.' }] })
    const [, told] = eventsOf(await streamed())
    expect(JSON.parse(told!.data).error).toMatchObject({ message: 'The model is busy.', code: 'upstream_error' })
  })

  it('keeps a status of its own in a translated stream that has not begun', async () => {
    scene.provider.answer({
      headers: { 'content-type': 'text/event-stream' },
      chunks: ['event: error\ndata: {"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}\n\n'],
    })
    const response = await scene.post({ model: 'anthropic/claude-sonnet-4-5', stream: true })
    const { error } = (await response.json()) as { error: object }
    expect({ status: response.status, error }).toMatchObject({ status: 529, error: { message: 'Overloaded', type: 'overloaded_error' } })
  })

  it('in JSON keeps its words and gets a status', async () => {
    scene.provider.answer({ body: failure })
    const response = await scene.post()
    expect({ status: response.status, body: await response.json() }).toEqual({ status: 502, body: failure })
  })
})

describe('silence', () => {
  it('is filled with comments once the provider has begun, and they count as nothing else', async () => {
    scene.provider.answer({ events: [delta('Hel'), 4 * PING_AFTER, finish(), '[DONE]'] })
    const text = await streamed()
    expect(text.replaceAll(': ping\n\n', '')).toBe(framed([delta('Hel'), finish(), '[DONE]']))
    expect(text.split(': ping').length - 1).toBeGreaterThanOrEqual(2)
  })

  it('is not filled before the provider has answered, so that a refusal keeps its status', async () => {
    scene.provider.answer({
      after: 3 * PING_AFTER,
      status: 429,
      headers: { 'retry-after': '7' },
      body: { error: { message: 'Slow down.', type: 'requests' } },
    })
    const response = await scene.post({ stream: true })
    expect({ status: response.status, wait: response.headers.get('retry-after') }).toEqual({ status: 429, wait: '7' })
  })
})

describe('what was asked and what comes', () => {
  it('a whole answer to a wish for a stream passes as it is', async () => {
    scene.provider.answer({ body: completion() })
    const response = await scene.post({ stream: true })
    expect({ type: response.headers.get('content-type'), body: await response.json() }).toEqual({
      type: 'application/json',
      body: completion(),
    })
  })

  it('a stream nobody asked for is no answer', async () => {
    scene.provider.answer({ events: [...ANSWER, '[DONE]'] })
    const response = await scene.post()
    const { error } = (await response.json()) as { error: { code: string } }
    expect({ status: response.status, code: error.code }).toEqual({ status: 502, code: 'upstream_protocol_error' })
  })

  it('cost is told before the end of a stream that asked for it', async () => {
    scene.provider.answer({ events: [...ANSWER, usageFrame(1_000_000, 0), '[DONE]'] })
    const response = await scene.post({ stream: true }, { headers: { 'x-tollgate-usage-cost': 'true' } })
    const text = await response.text()
    const told = /^: tollgate (.*)\n\ndata: \[DONE\]$/m.exec(text)?.[1]
    expect(JSON.parse(told ?? 'null')).toEqual({ charge_usd: '0', request_id: response.headers.get('x-request-id') })
  })

  it('cost is told in a whole answer that asked for it, however large the answer is', async () => {
    const logprobs = { content: Array.from({ length: 30_000 }, (_, at) => ({ token: 't', logprob: -at, bytes: [1, 2] })) }
    scene.provider.answer({ body: completion('Hi', { vendor: logprobs }) })
    const response = await scene.post({}, { headers: { 'x-tollgate-usage-cost': 'true' } })
    const body = (await response.json()) as { usage: { cost: unknown } }
    expect({ status: response.status, cost: body.usage.cost }).toEqual({ status: 200, cost: 0 })
  })
})

it('open streams are counted while they are open, apart from answers that come whole', async () => {
  const open = async () => {
    const { body } = await scene.gateway.call('GET', '/metrics', { key: scene.gateway.adminKey })
    return ['streamed', 'whole'].map((kind) =>
      Number(new RegExp(`^tollgate_open_requests\\{kind="${kind}"\\} (\\d+)$`, 'm').exec(body)?.[1]),
    )
  }
  scene.provider.answer({ events: [delta('Hel'), 400, finish(), '[DONE]'] })
  const streams = await Promise.all([scene.post({ stream: true }), scene.post({ stream: true })])
  scene.provider.answer({ body: completion(), after: 400 })
  const whole = scene.post()
  await expect.poll(open, { timeout: 350 }).toEqual([2, 1])
  await Promise.all([...streams, await whole].map((response) => response.text()))
  await expect.poll(open).toEqual([0, 0])
})
