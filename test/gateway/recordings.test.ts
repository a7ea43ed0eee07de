import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { providers as shipped } from '../../providers/index.ts'
import { forModel } from '../../src/attempt/quirks.ts'
import * as anthropic from '../contract/dialects/anthropic-words.ts'
import * as cohere from '../contract/dialects/cohere-words.ts'
import * as google from '../contract/dialects/gemini-words.ts'
import * as ollama from '../contract/dialects/ollama-words.ts'
import { asAsked, eventsOf, hasShared, OWN, type Recording, recordingsIn, SHARED } from '../contract/dialects/recordings.ts'
import { type Any, type Words, wordsOfChat, wordsOfChunks } from '../contract/dialects/words.ts'
import { ByHand } from '../support/by-hand.ts'
import { type FakeProvider, startFakeProvider } from '../support/fake-provider.ts'
import { startGateway, type TestGateway } from '../support/gateway.ts'
import { chatOf, type Meaning, meaningOf } from '../support/hub-request.ts'

// Every recorded exchange passes through a whole gateway: the client sends what was recorded, a provider on a real socket answers what
// was recorded, and both ends compare bytes (one dialect on both sides) or words (two dialects).

/** Recordings name providers as their sources did. */
const OUR_ID: Readonly<Record<string, string>> = { alibaba: 'dashscope', 'vercel-gateway': 'vercel' }

/** APIs that end in `.chat` and speak a format of their own. */
const OTHER_FORMATS = ['cohere.chat.v1', 'cohere.chat.v2', 'ollama.native.chat']

const isByteLane = ({ api }: Recording) => api.endsWith('.chat') && !OTHER_FORMATS.includes(api)
const isAnthropic = ({ api }: Recording) => /(^|\.)anthropic\.(messages|rawPredict|streamRawPredict)$/.test(api)
const isGemini = ({ api }: Recording) => /^(google|vertex)\.(streamGenerateContent|generateContent)$/.test(api)

const isCohere = ({ api }: Recording) => api === 'cohere.chat.v2'
const isOllama = ({ api }: Recording) => api === 'ollama.native.chat'

/** By how our ids end. */
const DIALECTS = [
  ['-anthropic', 'anthropic-messages'],
  ['-gemini', 'gemini'],
  ['cohere-native', 'cohere-chat'],
  ['ollama-native', 'ollama-chat'],
] as const

/** A provider that is not shipped is one of the operator's own: a dialect and an address in `providers.yaml`. */
function ownEntries(recordings: readonly Recording[], origin: string): string {
  const known = new Set<string>(shipped.map(({ id }) => id))
  const own = new Set(recordings.map(idOf).filter((id) => !known.has(id)))
  const entries = [...own].map((id) => {
    const dialect = DIALECTS.find(([end]) => id.endsWith(end))?.[1] ?? 'openai-chat'
    return `  - { id: ${id}, dialect: ${dialect}, base_url: "${origin}/${id}", quirks: { supportsTemperature: true } }`
  })
  return `providers:\n${entries.join('\n')}\n`
}

function idOf(recording: Recording): string {
  const { provider, api } = recording
  if (isAnthropic(recording)) return provider === 'anthropic' ? provider : `${provider}-anthropic`
  if (isGemini(recording)) return provider
  // The other face of each is what clients of chat are answered by.
  if (isCohere(recording) || isOllama(recording)) return `${provider}-native`
  // Google's second, OpenAI-like face is not what the provider `google` speaks.
  if (api.startsWith('google.openai-compat')) return 'google-openai'
  // Nor is Bedrock's, which it shows to clients that speak it.
  if (api.startsWith('bedrock.openai-compat')) return 'bedrock-openai'
  return OUR_ID[provider] ?? provider
}

const sources = [
  { name: 'our own recordings', recordings: recordingsIn(OWN) },
  {
    name: hasShared ? 'the shared recordings' : 'the shared recordings (skipped: ../shared/recordings is not there)',
    recordings: hasShared ? recordingsIn(SHARED) : [],
  },
].map(({ name, recordings }) => ({
  name,
  recordings: recordings
    .filter((recording) => [isByteLane, isAnthropic, isGemini, isCohere, isOllama].some((is) => is(recording)))
    .map(asAsked),
}))

/** Bytes at a time: all at once, a frame in many pieces, many frames and a part of one in a piece. */
const CUTS = [Number.POSITIVE_INFINITY, 7, 613]

const everything = sources.flatMap(({ recordings }) => recordings)

let provider: FakeProvider
let gateway: TestGateway
let hand: ByHand
let key: string

beforeAll(async () => {
  provider = await startFakeProvider()
  const ids = [...new Set(everything.map(idOf))]
  const known = shipped.filter(({ id }) => ids.includes(id))
  gateway = await startGateway({
    providers: Object.fromEntries(known.map(({ id }) => [id, `${provider.origin}/${id}`])),
    config: { 'providers.yaml': ownEntries(everything, provider.origin) },
  })
  hand = new ByHand(gateway)
  const tenant = await hand.tenant('recorded', 'enterprise')
  key = tenant.key
  const keyed = ids.map((id) => shipped.find((one) => one.id === id)?.apiKeyEnv ?? `${id.toUpperCase().replace(/[^A-Z0-9]/g, '_')}_API_KEY`)
  for (const name of keyed) await hand.setting(tenant.id, name, `key-of-${name}`)
  await hand.holds(key, `${ids.at(-1)}/any`)
})

afterAll(async () => {
  await gateway.stop()
  await provider.close()
})

for (const { name, recordings } of sources) {
  describe.skipIf(recordings.length === 0)(`${name}, one dialect on both sides`, () => {
    it.for(recordings.filter((one) => isByteLane(one) && one.request !== null))('$file', (recording) => passesUntouched(recording))
  })
  describe.skipIf(recordings.length === 0)(`${name}, translated`, () => {
    it.for(recordings.filter((one) => !isByteLane(one)))('$file', (recording) => saysTheSame(recording))
  })
}

async function passesUntouched(recording: Recording): Promise<void> {
  const asked = askOf(recording)
  for (const size of CUTS) {
    const { response, body } = await exchange(recording, asked.body, size)
    expect(response.headers.get('set-cookie'), "a provider's cookie").toBeNull()
    const sent = provider.journal.at(-1)!
    expect(sent.path).toBe(`/${idOf(recording)}/chat/completions`)
    const changed = response.headers.get('x-tollgate-params-dropped')
    expect(sent.body.toString()).toBe(upstreamBody(recording, asked, changed))
    expectAnswer(recording, asked, { status: response.status, body })
  }
}

/** The recorded body, asked of `provider/model`. */
interface Asked {
  readonly body: string
  readonly model: string
  readonly json: Any
}

function askOf(recording: Recording): Asked {
  const recorded = recording.request!.body
  const json = JSON.parse(recorded)
  // Azure and the like name the model in the path only.
  if (typeof json.model !== 'string')
    return {
      body: recorded.replace('{', `{"model":"${idOf(recording)}/deployed",`),
      model: 'deployed',
      json: { ...json, model: 'deployed' },
    }
  return {
    body: replacedAtTop(recorded, `${JSON.stringify(json.model)}`, JSON.stringify(`${idOf(recording)}/${json.model}`)),
    model: json.model,
    json,
  }
}

/** Replaces the value of the top-level `model`, wherever else the same text stands. */
function replacedAtTop(body: string, from: string, to: string): string {
  for (const { index, 0: found } of body.matchAll(/"model"\s*:\s*"(?:[^"\\]|\\.)*"/g)) {
    const replaced = body.slice(0, index) + found.replace(from, () => to) + body.slice(index + found.length)
    if (JSON.stringify(JSON.parse(replaced).model) === to) return replaced
  }
  throw new Error('The recorded request has no top-level model.')
}

/** What the provider must have received: the recorded bytes save for the edits that contract 3 declares. */
function upstreamBody(recording: Recording, { body, model, json }: Asked, changed: string | null): string {
  let expected = replacedAtTop(body, JSON.stringify(`${idOf(recording)}/${model}`), JSON.stringify(model))
  const provider = shipped.find(({ id }) => id === idOf(recording))
  const quirks = provider ? forModel(provider, model).quirks : {}
  const wanted = quirks.maxTokensField === 'either' ? undefined : quirks.maxTokensField
  const other = wanted === 'max_tokens' ? 'max_completion_tokens' : 'max_tokens'
  const renamed = wanted !== undefined && other in json
  if (renamed) expected = expected.replace(`"${other}"`, `"${wanted}"`)
  expect(changed).toBe(renamed ? `${other} -> ${wanted}` : null)
  const asksUsage = json.stream_options?.include_usage === true
  if (json.stream === true && !asksUsage && quirks.usageInStreaming !== false) {
    expect(json.stream_options, 'a recorded request that asks for something else in stream_options').toBeUndefined()
    expected = expected.replace(/\s*\}\s*$/, (end) => `,"stream_options":{"include_usage":true}${end}`)
  }
  return expected
}

function expectAnswer(recording: Recording, asked: Asked, got: { status: number; body: string }): void {
  const { status, body } = recording.response
  if (status !== 200) expectError(recording, got)
  else if (!recording.stream) expect(got).toEqual({ status: 200, body })
  else if (isFailure(framesOf(body)[0] ?? '')) expect(got).toEqual({ status: 400, body: /^data: (.*)$/m.exec(body)?.[1] })
  else expectStream(recording, asked, got.body)
}

const framesOf = (body: string): string[] => body.split(/(?<=\r?\n\r?\n)/)

/** A stream that fails before it said anything keeps its status, as a refusal. */
const isFailure = (frame: string): boolean => /^data: .*"error"/m.test(frame) && payloadOf(frame)?.error != null

function expectStream({ response }: Recording, { json }: Asked, got: string): void {
  const hides = json.stream_options?.include_usage !== true
  const frames = framesOf(response.body)
  const failing = frames.findIndex(isFailure)
  const kept = (failing < 0 ? frames : frames.slice(0, failing + 1)).filter((frame) => !hides || !isUsageOnly(frame)).join('')
  const whole = failing >= 0 || /"finish_reason"\s*:\s*"[^"]|data: \[DONE\]/.test(kept)
  if (whole) expect(got).toBe(kept)
  else {
    expect(got.startsWith(kept), 'what the provider sent before it broke off').toBe(true)
    expect(eventsOf(got.slice(kept.length)).map(({ data }) => JSON.parse(data).error.code)).toEqual(['upstream_disconnected'])
  }
}

function isUsageOnly(frame: string): boolean {
  const payload = payloadOf(frame)
  return payload?.usage != null && Array.isArray(payload.choices) && payload.choices.length === 0
}

function payloadOf(frame: string): Any {
  const data = /^data: ?(\{.*)$/m.exec(frame)?.[1]
  return data === undefined ? undefined : JSON.parse(data)
}

/** Statuses and codes of contract 4 for a provider's own. */
function expectError({ response }: Recording, got: { status: number; body: string }): void {
  const { error } = JSON.parse(got.body)
  const theirs = safely(response.body)
  const isEnvelope = typeof theirs?.error?.message === 'string'
  if ([401].includes(response.status)) {
    expect({ status: got.status, code: error.code }).toEqual({ status: 403, code: 'credential_invalid' })
  } else if (response.status === 403) {
    expect({ status: got.status, code: error.code }).toEqual({ status: 403, code: 'upstream_permission_denied' })
  } else if (isEnvelope && error.metadata?.origin === undefined) {
    expect(got).toEqual({ status: response.status, body: response.body })
  } else {
    expect(got.status, got.body).toBe(
      error.code === 'upstream_model_gone' ? 502 : error.code === 'credential_invalid' ? 403 : response.status,
    )
    expect(error).toMatchObject({
      message: expect.stringMatching(/\w{3}/),
      type: expect.any(String),
      metadata: { upstream: { status: response.status } },
    })
  }
}

async function saysTheSame(recording: Recording): Promise<void> {
  const words = isAnthropic(recording) ? anthropic : isCohere(recording) ? cohere : isOllama(recording) ? ollama : google
  const meaning = recordedMeaning(recording)
  const chat = chatOf(meaning, `${idOf(recording)}/${modelOf(recording)}`, recording.stream)
  for (const size of CUTS) {
    const { response, body } = await exchange(recording, JSON.stringify(chat), size)
    expect(saidOf(meaningOf(JSON.parse(provider.journal.at(-1)!.body.toString())))).toEqual(saidOf(meaning))
    if (recording.response.status !== 200) {
      expectError(recording, { status: response.status, body })
      continue
    }
    // The last event may come without its blank line.
    const inEvents = recording.stream || recording.response.body.startsWith('[')
    const events = inEvents ? eventsOf(`${recording.response.body}\n\n`).filter(({ data }) => data !== '[DONE]') : []
    const said: Words = inEvents
      ? words.wordsOfStream(events.map(({ data }) => JSON.parse(data)))
      : words.wordsOfAnswer(JSON.parse(recording.response.body))
    expect(response.status, body).toBe(200)
    if (recording.stream) expectSameStream(recording, said, body)
    else expect(wordsOfChat(JSON.parse(body))).toEqual(said)
  }
}

/** Some sources kept the answer only, so any question will do. */
const ANY: Meaning = { system: '', turns: [{ role: 'user', text: 'Hello', calls: [], results: 0 }], tools: [], maxTokens: 100 }

function recordedMeaning({ request }: Recording): Meaning {
  return request === null ? ANY : meaningOf(JSON.parse(request.body))
}

/** Anthropic wants a limit even where the client gave none. */
const saidOf = ({ system, turns, tools, maxTokens }: Meaning) => ({ system, turns, tools, maxTokens: maxTokens ?? 'any' })

function modelOf({ request }: Recording): string {
  if (request === null) return 'recorded'
  return JSON.parse(request.body).model ?? /([^/]+):\w+(?:\?|$)/.exec(request.url)?.[1] ?? 'recorded'
}

function expectSameStream({ response }: Recording, said: Words, body: string): void {
  const events = eventsOf(body)
  const payloads = events.filter(({ data }) => data !== '[DONE]').map(({ data }) => JSON.parse(data))
  const failure = payloads.find(({ error }) => error)
  const broken = said.finish === null || /"type":\s*"error"|"error":\s*[{"]/.test(response.body)
  expect({ failure: failure !== undefined, done: events.at(-1)?.data === '[DONE]' }, JSON.stringify(failure)).toEqual({
    failure: broken,
    done: !broken,
  })
  const heard = wordsOfChunks(payloads.filter(({ error }) => !error))
  expect(heard).toEqual(broken ? { ...said, usage: expect.anything() } : said)
}

async function exchange(recording: Recording, body: string, size: number): Promise<{ response: Response; body: string }> {
  const { status, headers, body: recorded } = recording.response
  provider.answer({ status, headers: passable(headers), chunks: pieces(Buffer.from(recorded), size) })
  const response = await fetch(`${gateway.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
    body,
  })
  return { response, body: await response.text() }
}

/** A recorded body was decoded, and leaves in pieces here. */
function passable(headers: Record<string, string>): Record<string, string> {
  const {
    'content-length': _length,
    'content-encoding': _coding,
    'transfer-encoding': _transfer,
    connection: _connection,
    ...rest
  } = headers
  return rest
}

function pieces(bytes: Buffer, size: number): Buffer[] {
  if (size >= bytes.length) return [bytes]
  return Array.from({ length: Math.ceil(bytes.length / size) }, (_, at) => bytes.subarray(at * size, (at + 1) * size))
}

function safely(text: string): Any {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
