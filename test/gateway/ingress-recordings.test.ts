import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { providers as shipped } from '../../providers/index.ts'
import * as ollama from '../contract/dialects/ollama-words.ts'
import { eventsOf, type Recording } from '../contract/dialects/recordings.ts'
import type { Any, Words } from '../contract/dialects/words.ts'
import { ByHand } from '../support/by-hand.ts'
import { type FakeProvider, startFakeProvider } from '../support/fake-provider.ts'
import { bytesOf, conversations, conversedIn } from '../support/formats.ts'
import { startGateway, type TestGateway } from '../support/gateway.ts'
import { hubWords } from '../support/hub-words.ts'
import { type Protocol, protocols } from '../support/protocols.ts'

// Every recorded answer of a chat-like API comes to every protocol: its own as the very bytes, the others with the same words.

/** Recordings name providers as their sources did. */
const OUR_ID: Readonly<Record<string, string>> = { alibaba: 'dashscope', 'vercel-gateway': 'vercel' }

const dialectOf = (recording: Recording): string => conversedIn(recording) ?? never(recording)
const idOf = (recording: Recording): string => `${recording.provider}-in-${dialectOf(recording)}`
const recordings = conversations

/** Each provider's dialect by itself, as an operator writes it, with what is known of its departures from chat. */
function entries(origin: string): string {
  const each = new Map(recordings.map((recording) => [idOf(recording), recording]))
  const lines = [...each].map(([id, recording]) => {
    const known = shipped.find((one) => one.id === (OUR_ID[recording.provider] ?? recording.provider))
    const quirks = known && known.dialect.id === dialectOf(recording) ? known.quirks : {}
    return `  - { id: ${id}, dialect: ${dialectOf(recording)}, base_url: "${origin}/${id}", quirks: ${JSON.stringify(quirks)} }`
  })
  return `providers:\n${lines.join('\n')}\n`
}

let provider: FakeProvider
let gateway: TestGateway
let hand: ByHand
let key: string

beforeAll(async () => {
  provider = await startFakeProvider()
  gateway = await startGateway({ config: { 'providers.yaml': entries(provider.origin) } })
  hand = new ByHand(gateway)
  const tenant = await hand.tenant('recorded', 'enterprise')
  key = tenant.key
  const ids = [...new Set(recordings.map(idOf))]
  for (const id of ids) await hand.setting(tenant.id, `${id.toUpperCase().replace(/[^A-Z0-9]/g, '_')}_API_KEY`, `key-of-${id}`)
  await hand.holds(key, `${ids.at(-1)}/any`)
})

afterAll(async () => {
  await gateway.stop()
  await provider.close()
})

/** What apps speak of the recorded dialect; some are only ever spoken by providers. */
const own = (recording: Recording): Protocol | undefined => protocols.find(({ dialect }) => dialect === dialectOf(recording))

describe('the bytes pass both ways', () => {
  /** Chat's own have a suite with all its edits. One recorder left out of a body that a stream was asked for. */
  const asked = recordings.filter(
    (one) =>
      one.request?.body && own(one) && dialectOf(one) !== 'openai-chat' && one.file !== 'openai/openai.completions-s-75c0b16e72.json',
  )

  it.for(asked)('$file', async (recording) => {
    const { body, path, expected } = askOf(recording)
    for (const size of CUTS) {
      const got = await exchange(recording, { path, body }, size)
      expect(provider.journal.at(-1)!.body.toString()).toBe(expected)
      if (recording.response.status === 200 && saidIn(recording)) expect(got).toEqual({ status: 200, body: ownEnd(recording) })
      else expect(got.body).toMatch(/"error"|"message":\s*"./)
    }
  })
})

const conversing = protocols.filter(({ dialect }) => dialect !== 'openai-completions')

describe.each(conversing)('$name says the same words', (protocol) => {
  const foreign = recordings.filter((one) => dialectOf(one) !== protocol.dialect)

  it.for(foreign)('$file', async (recording) => {
    const model = `${idOf(recording)}/m`
    const { status, body } = await exchange(recording, {
      path: protocol.path(model, recording.stream),
      body: JSON.stringify(protocol.ask(model, recording.stream)),
    })
    const said = recording.response.status === 200 ? saidIn(recording) : undefined
    if (!said) {
      expect(JSON.stringify(protocol.failure(lastOf(body)))).toMatch(/"message":"./)
      if (recording.response.status !== 200) expect(status).toBeGreaterThanOrEqual(400)
      return
    }
    expect(status, body).toBe(200)
    const heard = essence(wordsIn(protocol.words, recording.stream, body))
    if (otherwise.has(recording.file)) expect(heard.text).toBe(said.text)
    else expect(heard).toEqual(essence(said))
  })
})

/** A stream of the Responses API ends with its last event: what some send after it belongs to chat. */
function ownEnd(recording: Recording): string {
  const { body } = recording.response
  return dialectOf(recording) === 'openai-responses' ? body.replace(/data: \[DONE\]\s*$/, '') : body
}

/** What every protocol can tell. Messages always tells counts, so there an untold one is 0. */
function essence({ text, calls, finish, usage }: Words) {
  const named = calls.map(({ name, args }) => ({ name, args: args === '' || args === null ? {} : args }))
  return { text, calls: named, finish, usage: { input: usage.input ?? 0, output: usage.output ?? 0 } }
}

/** What the others cannot say as it was recorded: there the text alone is the same. */
const OTHERWISE: Readonly<Record<string, readonly string[]>> = {
  'the call of a tool that ran at the provider, or that nobody here asked for': [
    'openai/responses-reasoning-and-tools-handmade.json',
    'openai/responses-reasoning-and-tools-stream-handmade.json',
    'xai/xai.responses-s-61a60185e5.json',
  ],
  'functions, which preceded tools': ['openai/openai.chat-u-cf24b2e7cf.json'],
  'a refusal, which is a reason to finish': [
    'openai/responses-refusal-stream-handmade.json',
    'openai/openai.chat-u-b674d5b97b.json',
    'openai/openai.responses-s-4a76b8d13f.json',
    'openai/openai.responses-u-1300f06545.json',
  ],
  'arguments that were cut off': ['anthropic/anthropic.messages-s-80d98c4b8f.json'],
  'usage that this reader does not find where its provider puts it': ['groq/groq.chat-s-8156748423.json'],
  'an end without a reason': ['snowflake/snowflake.chat-s-3f090e8b9e.json'],
  'usage that lacks reasoning': ['xai/xai.chat-s-04da9dbaf7.json', 'xai/xai.chat-s-d8ba5dd413.json', 'xai/xai.chat-u-fc1d3571aa.json'],
}

const otherwise = new Set(Object.values(OTHERWISE).flat())

function askOf(recording: Recording): { body: string; path: string; expected: string } {
  const { body } = recording.request!
  const protocol = own(recording) ?? never(recording)
  const { model } = JSON.parse(body)
  if (protocol.dialect === 'gemini') return { body, path: protocol.path(`${idOf(recording)}/m`, recording.stream), expected: body }
  const named = `${idOf(recording)}/${model ?? 'm'}`
  const asked = model === undefined ? body.replace('{', `{"model":${JSON.stringify(named)},`) : withModel(body, model, named)
  return { body: asked, path: protocol.path(named, recording.stream), expected: withModel(asked, named, model ?? 'm') }
}

/** Replaces the value of the top-level `model`, wherever else the same text stands. */
function withModel(body: string, from: string, to: string): string {
  for (const { index, 0: found } of body.matchAll(/"model"\s*:\s*"(?:[^"\\]|\\.)*"/g)) {
    const replaced = body.slice(0, index) + found.replace(JSON.stringify(from), () => JSON.stringify(to)) + body.slice(index + found.length)
    if (JSON.parse(replaced).model === to) return replaced
  }
  throw new Error('The recorded request has no top-level model.')
}

/** Bytes at a time: all at once, and a frame in many pieces. */
const CUTS = [Number.POSITIVE_INFINITY, 7]

interface Sent {
  readonly path: string
  readonly body: string
}

async function exchange(recording: Recording, { path, body }: Sent, size = CUTS[0]!): Promise<{ status: number; body: string }> {
  const { status, headers } = recording.response
  const { 'content-length': _l, 'content-encoding': _c, 'transfer-encoding': _t, connection: _n, ...passable } = headers
  provider.answer({ status, headers: passable, chunks: pieces(bytesOf(recording), size) })
  const response = await fetch(gateway.url + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-tollgate-key': key },
    body,
  })
  return { status: response.status, body: await response.text() }
}

function pieces(bytes: Buffer, size: number): Buffer[] {
  if (size >= bytes.length) return [bytes]
  return Array.from({ length: Math.ceil(bytes.length / size) }, (_, at) => bytes.subarray(at * size, (at + 1) * size))
}

/** What the recorded answer says, to a second reader where there is one; undefined of one that failed, or ended before it was complete. */
function saidIn(recording: Recording): Words | undefined {
  const words = own(recording)?.words ?? READERS[dialectOf(recording)]
  if (words === undefined) return hubWords(recording)
  return isBroken(recording, words) ? undefined : wordsIn(words, recording.stream, recording.response.body)
}

/** Of what only providers speak to us. */
const READERS: Readonly<Record<string, Protocol['words']>> = { 'ollama-chat': ollama }

function isBroken({ stream, response: { body } }: Recording, words: Protocol['words']): boolean {
  if (!stream) return /^\s*\{\s*"error"\s*:\s*\{/.test(body)
  const payloads = payloadsOf(body)
  if (payloads.some(({ error, response, delta, type }) => error ?? response?.error ?? delta?.error_type ?? type === 'error')) return true
  return !body.includes('data: [DONE]') && words.wordsOfStream(payloads).finish === null
}

function never(recording: Recording): never {
  throw new Error(`${recording.file} is in no dialect.`)
}

function wordsIn(words: Protocol['words'], stream: boolean, body: string): Words {
  // Google's stream without `alt=sse`: its events in one list.
  if (body.startsWith('[')) return words.wordsOfStream(JSON.parse(body))
  return stream ? words.wordsOfStream(payloadsOf(body)) : words.wordsOfAnswer(JSON.parse(body))
}

/** The last event may come without its blank line. */
function payloadsOf(body: string): Any[] {
  return eventsOf(`${body}\n\n`)
    .filter(({ data }) => data !== '[DONE]')
    .map(({ data }) => JSON.parse(data))
}

function lastOf(body: string): Any {
  return body.startsWith('{') ? JSON.parse(body) : payloadsOf(body).at(-1)
}
