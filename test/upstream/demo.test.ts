import { describe, expect, it } from 'vitest'
import { providerId } from '../../src/contract/ids.ts'
import type { Upstream } from '../../src/contract/upstream.ts'
import { createDemo, demoModels } from '../../src/upstream/demo.ts'
import type { After } from '../../src/upstream/playback.ts'
import { route } from '../../src/upstream/route.ts'
import { type Asked, type Outcome, requestTo, run, testProvider } from '../support/exchange.ts'

const later: After = (ms, run) => {
  const timer = setTimeout(run, ms)
  return () => clearTimeout(timer)
}
const demo = createDemo({ now: () => 1_700_000_000_000, after: later })

const HELLO = [{ role: 'user', content: 'Hello, demo world!' }]
const TOOLS = ['weather', 'time'].map((name) => ({
  type: 'function',
  function: { name, parameters: { type: 'object', properties: { city: { type: 'string' }, days: { type: 'integer', minimum: 2 } } } },
}))

const ask = (json: Record<string, unknown>, asked: Asked = {}): Promise<Outcome> =>
  run(demo, requestTo('demo://', { json: { messages: HELLO, ...json }, stream: json['stream'] === true, ...asked })).outcome

/** Frames of a stream as parsed JSON, without `[DONE]`. */
function frames({ body }: Outcome): ReturnType<typeof JSON.parse>[] {
  const data = body.split('\n\n').filter((frame) => frame !== '')
  expect(data.at(-1)).toBe('data: [DONE]')
  return data.slice(0, -1).map((frame) => JSON.parse(frame.slice('data: '.length)))
}

describe('the built-in provider', () => {
  it('repeats the last user text and counts what it read and wrote', async () => {
    const { status, body } = await ask({ model: 'echo' })
    expect(status).toBe(200)
    expect(JSON.parse(body)).toMatchObject({
      object: 'chat.completion',
      created: 1_700_000_000,
      model: 'echo',
      choices: [{ index: 0, message: { role: 'assistant', content: 'Hello, demo world!' }, finish_reason: 'stop' }],
      usage: { prompt_tokens: 5, completion_tokens: 5, total_tokens: 10 },
    })
  })

  it('says the same in a stream, with usage where it is asked for', async () => {
    const outcome = await ask({ model: 'echo', stream: true, stream_options: { include_usage: true } })
    expect(outcome.headers['content-type']).toBe('text/event-stream')
    const all = frames(outcome)
    expect(all.map(({ choices }) => choices[0]?.delta.content ?? '').join('')).toBe('Hello, demo world!')
    expect(all.at(-2).choices[0].finish_reason).toBe('stop')
    expect(all.at(-1)).toMatchObject({ choices: [], usage: { total_tokens: 10 } })
    expect(new Set(all.map(({ id }) => id)).size).toBe(1)
    expect(frames(await ask({ model: 'echo', stream: true })).some((frame) => 'usage' in frame)).toBe(false)
  })

  it('answers the same request with the same bytes, and another with another id', async () => {
    const [one, two, other] = await Promise.all([ask({ model: 'echo' }), ask({ model: 'echo' }), ask({ model: 'echo', seed: 1 })])
    expect(two.body).toBe(one.body)
    expect(JSON.parse(other.body).id).not.toBe(JSON.parse(one.body).id)
  })

  it('keeps to a limit of tokens', async () => {
    const { choices, usage } = JSON.parse((await ask({ model: 'echo', max_tokens: 2 })).body)
    expect([choices[0].message.content, choices[0].finish_reason, usage.completion_tokens]).toEqual(['Hello,', 'length', 2])
  })

  it('calls the tools it is given, two at once, with arguments of their schema', async () => {
    const { choices } = JSON.parse((await ask({ model: 'tools', tools: TOOLS })).body)
    expect(choices[0].finish_reason).toBe('tool_calls')
    const calls: { id: string; function: { name: string; arguments: string } }[] = choices[0].message.tool_calls
    expect(calls.map((call) => [call.function.name, JSON.parse(call.function.arguments)])).toEqual([
      ['weather', { city: 'text', days: 2 }],
      ['time', { city: 'text', days: 2 }],
    ])
    expect(new Set(calls.map(({ id }) => id)).size).toBe(2)
  })

  it('splits a call’s arguments over deltas, as real providers do', async () => {
    const deltas = frames(await ask({ model: 'tools', tools: TOOLS.slice(0, 1), stream: true })).flatMap(
      ({ choices }) => choices[0]?.delta.tool_calls ?? [],
    )
    expect(deltas[0]).toMatchObject({ index: 0, type: 'function', function: { name: 'weather', arguments: '' } })
    expect(deltas.length).toBeGreaterThan(3)
    expect(JSON.parse(deltas.map((delta) => delta.function.arguments).join(''))).toEqual({ city: 'text', days: 2 })
  })

  it('comes to an end once a tool has answered', async () => {
    const messages = [...HELLO, { role: 'tool', tool_call_id: 'c', content: '12 degrees' }]
    const { choices } = JSON.parse((await ask({ model: 'tools', tools: TOOLS, messages })).body)
    expect(choices[0]).toMatchObject({ finish_reason: 'stop', message: { content: 'The tool answered: 12 degrees' } })
  })

  it('honours a JSON schema with its smallest instance', async () => {
    const schema = {
      type: 'object',
      required: ['kind', 'tags', 'when', 'self'],
      properties: {
        kind: { enum: ['b', 'a'] },
        tags: { type: 'array', items: { type: 'string' }, minItems: 1 },
        when: { type: ['null', 'string'], format: 'date' },
        self: { anyOf: [{ $ref: '#/$defs/node' }] },
        optional: { type: 'number' },
      },
      $defs: { node: { type: 'object', properties: { ok: { type: 'boolean' } } } },
    }
    const { choices } = JSON.parse((await ask({ model: 'json', response_format: { type: 'json_schema', json_schema: { schema } } })).body)
    expect(JSON.parse(choices[0].message.content)).toEqual({ kind: 'b', tags: ['text'], when: '2026-01-01', self: { ok: true } })
  })

  it('does not follow a schema into itself forever', async () => {
    const schema = { type: 'object', properties: { self: { $ref: '#' } } }
    const outcome = await ask({ model: 'json', response_format: { type: 'json_schema', json_schema: { schema } } })
    expect(outcome.status).toBe(200)
  })

  it('thinks aloud', async () => {
    const { choices, usage } = JSON.parse((await ask({ model: 'reasoning' })).body)
    expect(choices[0].message.reasoning_content).toMatch(/^The user said/)
    expect(usage.completion_tokens_details.reasoning_tokens).toBeGreaterThan(5)
  })

  it.each([
    { model: 'fail-429', answer: [429, 'rate_limit_exceeded', '2'] },
    { model: 'fail-500', answer: [500, 'internal_error', undefined] },
    { model: 'no-such', answer: [404, 'model_not_found', undefined] },
    { model: '__proto__', answer: [404, 'model_not_found', undefined] },
  ])('$model: $answer.0 in OpenAI’s error shape', async ({ model, answer }) => {
    const { status, body, headers } = await ask({ model })
    expect([status, JSON.parse(body).error.code, headers['retry-after']]).toEqual(answer)
  })

  it('refuses what is no chat request, as a provider would', async () => {
    expect((await ask({ model: 'echo', messages: 'hello' })).status).toBe(400)
    expect((await run(demo, { ...requestTo('demo://'), body: Buffer.from('{') }).outcome).status).toBe(400)
  })

  it('stalls after its headers until the progress deadline', async () => {
    const stalling = createDemo({ now: () => performance.now(), after: later })
    const request = requestTo('demo://', { json: { model: 'stall', messages: HELLO }, stream: true, deadlines: { progress: 200 } })
    const outcome = await run(stalling, request).outcome
    expect([outcome.status, outcome.chunks.length, outcome.error?.code, outcome.sent]).toEqual([200, 0, 'upstream_timeout', true])
  })

  it.each([true, false])('breaks off midway, stream %s', async (stream) => {
    const outcome = await ask({ model: 'cut', stream })
    expect([outcome.status, outcome.error?.code, outcome.sent]).toEqual([200, 'upstream_disconnected', true])
    expect(outcome.body.length).toBeGreaterThan(0)
    expect(outcome.body).not.toContain('[DONE]')
  })

  it('takes its time from the timers it is given, and can be paused, resumed and cancelled', async () => {
    const due: { ms: number; run: () => void }[] = []
    const after: After = (ms, run) => {
      const entry = { ms, run }
      due.push(entry)
      return () => void due.splice(due.indexOf(entry), due.includes(entry) ? 1 : 0)
    }
    const next = (): number | undefined => {
      const entry = due.shift()
      entry?.run()
      return entry?.ms
    }
    const { exchange, sofar } = run(
      createDemo({ now: () => 0, after }),
      requestTo('demo://', { json: { model: 'slow', messages: HELLO, stream: true }, stream: true }),
    )
    expect([next(), sofar.status]).toEqual([0, 200])
    expect([next(), sofar.chunks.length]).toEqual([250, 1])
    exchange.pause()
    expect(due).toEqual([])
    exchange.resume()
    expect([next(), sofar.chunks.length]).toEqual([250, 2])
    exchange.cancel()
    expect(due).toEqual([])
  })

  it('lists its models', async () => {
    const { body } = await run(demo, requestTo('demo://', { method: 'GET', path: '/models' })).outcome
    expect(JSON.parse(body).data.map(({ id }: { id: string }) => id)).toEqual(demoModels)
  })

  it('is reached by its flag, not by its name', async () => {
    const sent: string[] = []
    const named = (name: string): Upstream => ({
      send(request, listener) {
        sent.push(name)
        return demo.send(request, listener)
      },
      close: async () => void sent.push(`${name} closed`),
    })
    const way = route(named('demo'), named('sockets'))
    await run(way, requestTo('demo://', { provider: testProvider({ builtin: true }) })).outcome
    await run(way, requestTo('http://x', { provider: testProvider({ id: providerId('demo') }) })).outcome
    await way.close()
    expect(sent).toEqual(['demo', 'sockets', 'demo closed', 'sockets closed'])
  })
})
