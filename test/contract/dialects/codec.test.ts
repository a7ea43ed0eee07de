import { describe, expect, it } from 'vitest'
import { bedrockConverse } from '../../../providers/bedrock/converse.ts'
import { cohereChat } from '../../../providers/cohere/chat.ts'
import type { ChatChunk } from '../../../src/contract/chat.ts'
import type { SseEvent, UpstreamDialect } from '../../../src/contract/dialect.ts'
import { anthropicMessages } from '../../../src/dialects/anthropic-messages.ts'
import { gemini } from '../../../src/dialects/gemini.ts'
import { ollamaChat } from '../../../src/dialects/ollama-chat.ts'
import { openaiChat } from '../../../src/dialects/openai-chat.ts'
import { openaiResponses } from '../../../src/dialects/openai-responses.ts'
import { GatewayError } from '../../../src/errors.ts'
import { parseExact } from '../../../src/wire/exact-json.ts'
import * as anthropic from './anthropic-words.ts'
import * as cohere from './cohere-words.ts'
import * as converse from './converse-words.ts'
import * as google from './gemini-words.ts'
import * as ollama from './ollama-words.ts'
import * as openai from './openai-words.ts'
import { decoding, eventsOf, hasShared, OWN, type Recording, recordingsIn, SHARED, streamOf } from './recordings.ts'
import * as responses from './responses-words.ts'
import { type Any, type Words, wordsOfChat, wordsOfChunks } from './words.ts'

// Every recorded answer, decoded to the hub, says what a second and simpler reader finds in the provider's own words.

interface Codec {
  dialect: UpstreamDialect
  speaks(api: string): boolean
  wordsOfAnswer(body: Any): Words
  wordsOfStream(payloads: Any[]): Words
}

const CODECS: Codec[] = [
  {
    dialect: openaiChat,
    speaks: (api) => api.endsWith('.chat') && !['ollama.native.chat', 'watsonx.chat'].includes(api),
    ...openai,
  },
  {
    dialect: anthropicMessages,
    speaks: (api) =>
      ['anthropic.messages', 'azure.anthropic.messages', 'vertex.anthropic.rawPredict', 'vertex.anthropic.streamRawPredict'].includes(api),
    ...anthropic,
  },
  {
    dialect: gemini,
    speaks: (api) => /^(google|vertex)\.(streamGenerateContent|generateContent)$/.test(api),
    ...google,
  },
  { dialect: openaiResponses, speaks: (api) => api.endsWith('.responses'), ...responses },
  { dialect: ollamaChat, speaks: (api) => api === 'ollama.native.chat', ...ollama },
  { dialect: bedrockConverse, speaks: (api) => /^bedrock\.converse(-stream)?$/.test(api), ...converse },
  { dialect: cohereChat, speaks: (api) => api === 'cohere.chat.v2', ...cohere },
]

const sources = [
  { name: 'our own recordings', recordings: recordingsIn(OWN) },
  { name: 'the shared recordings', recordings: recordingsIn(SHARED) },
]

it.runIf(hasShared)('reads the shared recordings of every dialect (skipped where ../shared/recordings is not there)', () => {
  const apis = recordingsIn(SHARED).map(({ api }) => api)
  const counts = CODECS.map(({ dialect, speaks }) => [dialect.id, apis.filter(speaks).length >= (dialect === ollamaChat ? 3 : 10)])
  expect(counts).toEqual(CODECS.map(({ dialect }) => [dialect.id, true]))
})

for (const { name, recordings } of sources) {
  describe.skipIf(recordings.length === 0)(name, () => {
    for (const codec of CODECS) suite(codec, recordings)
  })
}

function suite(codec: Codec, all: Recording[]): void {
  const spoken = all.filter((recording) => codec.speaks(recording.api))
  const streams = spoken.filter((recording) => recording.response.status === 200 && recording.stream)
  const answers = spoken.filter((recording) => recording.response.status === 200 && !recording.stream)
  const errors = spoken.filter((recording) => recording.response.status !== 200 && isJson(recording.response.body))

  describe(codec.dialect.id, () => {
    it.for(answers)('$file', ({ response }) => {
      const decoded = codec.dialect.decodeResponse(parseExact(response.body), decoding())
      expect(wordsOfChat(decoded)).toEqual(codec.wordsOfAnswer(JSON.parse(response.body)))
    })

    it.for(streams)('$file', ({ response }) => {
      const body = streamOf(response)
      const events = eventsOf(body)
      const { chunks, failure } = decodeAll(codec.dialect, events)
      if (failure === undefined) expect(wordsOfChunks(chunks)).toEqual(codec.wordsOfStream(payloadsOf(events)))
      else
        expect({ code: failure.code, words: body.includes(JSON.stringify(failure.message)) }).toEqual({
          code: 'upstream_error',
          words: true,
        })
      for (const size of [1, 7]) expect(decodeAll(codec.dialect, eventsOf(body, size)).chunks).toEqual(chunks)
    })

    it.for(errors)('$file', ({ response }) => {
      const failure = codec.dialect.decodeError(JSON.parse(response.body))
      expect(failure?.message).toMatch(/\w{3}/)
    })
  })
}

/** Chunks of a stream; a failure only where the recording itself holds an error. */
function decodeAll(dialect: UpstreamDialect, events: SseEvent[]): { chunks: ChatChunk[]; failure?: GatewayError } {
  const decoder = dialect.decodeStream(decoding())
  const chunks: ChatChunk[] = []
  try {
    for (const event of events) chunks.push(...decoder.push(event))
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error
    return { chunks, failure: error }
  }
  return { chunks: [...chunks, ...decoder.end()] }
}

function payloadsOf(events: SseEvent[]): Any[] {
  return events.filter(({ data }) => data !== '[DONE]').map(({ data }) => JSON.parse(data))
}

function isJson(body: string): boolean {
  try {
    return JSON.parse(body) !== undefined
  } catch {
    return false
  }
}
