import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { eventsOf } from '../contract/dialects/recordings.ts'
import type { Any } from '../contract/dialects/words.ts'
import { ByHand } from '../support/by-hand.ts'
import { type FakeProvider, type ScriptedAnswer, startFakeProvider } from '../support/fake-provider.ts'
import { startGateway, type TestGateway } from '../support/gateway.ts'
import { type Protocol, protocols, RESULT } from '../support/protocols.ts'
import { CALL, TEXT, USAGE, upstreams } from '../support/upstreams.ts'

// Every protocol that apps speak reaches every dialect that providers speak: the same words, calls, usage and failures, each in its own shape.

let provider: FakeProvider
let gateway: TestGateway
let hand: ByHand
let key: string
let tenant: string

beforeAll(async () => {
  provider = await startFakeProvider()
  const entries = upstreams.map(({ dialect }) => `  - { id: by-${dialect}, dialect: ${dialect}, base_url: "${provider.origin}/v1" }`)
  gateway = await startGateway({ config: { 'providers.yaml': `providers:\n${entries.join('\n')}\n` } })
  hand = new ByHand(gateway)
  const made = await hand.tenant('everywhere', 'enterprise')
  ;[key, tenant] = [made.key, made.id]
  for (const { dialect } of upstreams)
    await hand.setting(tenant, `BY_${dialect.toUpperCase().replaceAll('-', '_')}_API_KEY`, `key-of-${dialect}`)
  await hand.holds(key, 'by-gemini/m')
})

afterAll(async () => {
  await gateway.stop()
  await provider.close()
})

const cells = protocols.flatMap((protocol) => upstreams.map((upstream) => ({ protocol, upstream })))

describe.each(cells)('$protocol.name to $upstream.dialect', ({ protocol, upstream }) => {
  const model = `by-${upstream.dialect}/m`
  const whole = upstream.textStream.join('')
  const streamed = { 'content-type': whole.startsWith('{') ? 'application/x-ndjson' : 'text/event-stream' }
  let before: number
  beforeEach(async () => {
    before = (await hand.booked(tenant)).length
  })

  it('says the same text and books the usage', async () => {
    const { response, body } = await post({ protocol, model }, { body: upstream.text })
    expect(response.status, body).toBe(200)
    expect(protocol.words.wordsOfAnswer(JSON.parse(body))).toMatchObject({ text: TEXT, calls: [], finish: 'stop', usage: USAGE })
    expect(await booked(before)).toMatchObject({ state: 'settled', outcome: { usage: USAGE, status: 200 } })
  })

  it('streams the same text and books the usage', async () => {
    const { response, body } = await post({ protocol, model, stream: true }, { chunks: upstream.textStream, headers: streamed })
    expect(response.status, body).toBe(200)
    const { payloads, last } = eventsIn(body)
    expect(protocol.words.wordsOfStream(payloads)).toMatchObject({ text: TEXT, calls: [], finish: 'stop', usage: USAGE })
    expect(last === '[DONE]').toBe(protocol.done)
    expect(await booked(before)).toMatchObject({ state: 'settled', outcome: { usage: USAGE } })
  })

  it.runIf(protocol.tools)('asks for the same call, and takes its result', async () => {
    const asked = await post({ protocol, model, more: protocol.tools }, { body: upstream.call })
    expect(protocol.words.wordsOfAnswer(JSON.parse(asked.body))).toMatchObject({ calls: [CALL], finish: 'tool_calls' })
    const events = await post({ protocol, model, stream: true, more: protocol.tools }, { chunks: upstream.callStream, headers: streamed })
    expect(protocol.words.wordsOfStream(eventsIn(events.body).payloads)).toMatchObject({ calls: [CALL], finish: 'tool_calls' })
    const after = await post({ protocol, model, more: { ...protocol.tools, ...protocol.result } }, { body: upstream.text })
    expect(after.response.status, after.body).toBe(200)
    expect(upstream.resultsIn(JSON.parse(provider.journal.at(-1)!.body.toString()) as never)).toEqual([RESULT])
  })

  it('is refused before the stream in its own shape', async () => {
    const { response, body } = await post({ protocol, model: 'nobody/knows-this', stream: true }, {})
    expect(response.status, body).toBe(404)
    expect(response.headers.get('content-type')).toMatch(/^application\/json/)
    expect(protocol.failure(JSON.parse(body))).toMatchObject({ code: 'model_not_found', message: expect.stringMatching(/knows-this/) })
  })

  it("tells the provider's refusal in its own shape, with its status", async () => {
    for (const stream of [false, true]) {
      const { response, body } = await post({ protocol, model, stream }, { status: 400, body: upstream.refused })
      expect(response.status, body).toBe(400)
      expect(protocol.failure(JSON.parse(body)).message).toBe('That cannot be done.')
    }
  })

  it('tells of a failure inside the stream in one frame of its own, and ends', async () => {
    const begun = upstream.textStream.findIndex((frame) => frame.includes('Hello '))
    const chunks = [...upstream.textStream.slice(0, begun + 1), upstream.failure]
    const { body } = await post({ protocol, model, stream: true }, { chunks, headers: streamed })
    const { events, payloads } = eventsIn(body)
    expect(events.at(-1)?.event).toBe(protocol.failureEvent)
    expect(messageOf(protocol, payloads.at(-1))).toBe('Too much to do.')
    expect(body).not.toContain('[DONE]')
  })

  it('tells that the stream broke off', async () => {
    const cut = whole.slice(0, whole.indexOf('from afar') - 20)
    const { body } = await post({ protocol, model, stream: true }, { chunks: [cut], headers: streamed })
    const { payloads } = eventsIn(body)
    expect(protocol.failure(payloads.at(-1))).toMatchObject({ code: 'upstream_disconnected' })
    expect(body).not.toContain('[DONE]')
  })
})

interface Asked {
  readonly protocol: Protocol
  readonly model: string
  readonly stream?: boolean
  readonly more?: object | undefined
}

async function post(
  { protocol, model, stream = false, more }: Asked,
  answer: ScriptedAnswer,
): Promise<{ response: Response; body: string }> {
  provider.answer(answer)
  const response = await fetch(gateway.url + protocol.path(model, stream), {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-api-key': key },
    body: JSON.stringify({ ...protocol.ask(model, stream), ...more }),
  })
  return { response, body: await response.text() }
}

async function booked(before: number): Promise<Any> {
  return (await hand.settled(tenant, before + 1)).at(-1)
}

function eventsIn(body: string): { events: ReturnType<typeof eventsOf>; payloads: Any[]; last: string | undefined } {
  const events = eventsOf(body)
  return { events, payloads: events.filter(({ data }) => data !== '[DONE]').map(({ data }) => JSON.parse(data)), last: events.at(-1)?.data }
}

/** A provider that speaks the client's protocol may tell of a failure in another of its shapes: its own frame passes. */
function messageOf(protocol: Protocol, payload: Any): unknown {
  return payload.response ? payload.response.error?.message : protocol.failure(payload).message
}
