import { describe, expect, it } from 'vitest'
import type { IngressDialect, SseEvent, UpstreamDialect } from '../../../src/contract/dialect.ts'
import { anthropicMessages } from '../../../src/dialects/anthropic-messages.ts'
import { gemini } from '../../../src/dialects/gemini.ts'
import { openaiChat } from '../../../src/dialects/openai-chat.ts'
import { openaiCompletions } from '../../../src/dialects/openai-completions.ts'
import { openaiResponses } from '../../../src/dialects/openai-responses.ts'
import { GatewayError } from '../../../src/errors.ts'
import { parseExact } from '../../../src/wire/exact-json.ts'
import { pipe } from '../../../src/wire/step.ts'
import * as anthropic from './anthropic-words.ts'
import * as completions from './completions-words.ts'
import * as google from './gemini-words.ts'
import * as openai from './openai-words.ts'
import { decoding, eventsOf, hasShared, OWN, recordingsIn, SHARED } from './recordings.ts'
import * as responses from './responses-words.ts'
import type { Any, Words } from './words.ts'

// Every recorded answer, said in another protocol, says the same to a reader who knows that protocol alone.

interface Speaker {
  speaks(api: string): boolean
  wordsOfAnswer(body: Any): Words
  wordsOfStream(payloads: Any[]): Words
}

interface Upstream extends Speaker {
  dialect: UpstreamDialect
}

interface Client extends Pick<Speaker, 'wordsOfAnswer' | 'wordsOfStream'> {
  dialect: IngressDialect
  /** What this protocol has no words for, made alike on both sides. */
  blind?(words: Words): Words
}

const UPSTREAMS: Upstream[] = [
  {
    dialect: openaiChat,
    speaks: (api) => api.endsWith('.chat') && !['cohere.chat', 'ollama.native.chat', 'watsonx.chat'].includes(api),
    ...openai,
  },
  {
    dialect: anthropicMessages,
    speaks: (api) => /^(anthropic|azure\.anthropic|vertex\.anthropic)\.(messages|(streamR|r)awPredict)$/.test(api),
    ...anthropic,
  },
  { dialect: gemini, speaks: (api) => /^(google|vertex)\.(streamGenerateContent|generateContent)$/.test(api), ...google },
  { dialect: openaiCompletions, speaks: (api) => api.endsWith('.completions'), ...completions },
  { dialect: openaiResponses, speaks: (api) => api.endsWith('.responses'), ...responses },
]

const CLIENTS: Client[] = [
  { dialect: anthropicMessages, ...anthropic },
  { dialect: gemini, ...google },
  { dialect: openaiChat, ...openai },
  { dialect: openaiResponses, ...responses },
  {
    dialect: openaiCompletions,
    ...completions,
    blind: (words) => ({ ...words, calls: [], reasoning: '' }),
  },
]

const recordings = [...recordingsIn(OWN), ...recordingsIn(SHARED)]
const asking = { requestId: 'req-1', created: 1_700_000_000, model: 'asked-model', includeUsage: true }

describe.each(CLIENTS)('a client of $dialect.id', (client) => {
  describe.each(UPSTREAMS)('is told by $dialect.id', (upstream) => {
    const spoken = recordings.filter(
      // Functions of old cannot be asked for in other protocols.
      ({ api, response }) => upstream.speaks(api) && response.status === 200 && !/"function_call":\s*{/.test(response.body),
    )

    it.for(spoken.filter(({ stream }) => !stream))('$file', ({ response }) => {
      const chat = upstream.dialect.decodeResponse(parseExact(response.body), decoding())
      const told = written(client.dialect.encodeResponse(chat))
      expect(alike(client, client.wordsOfAnswer(told))).toEqual(
        alike(client, refusing(client, response.body, upstream.wordsOfAnswer(JSON.parse(response.body)))),
      )
    })

    it.for(spoken.filter(({ stream }) => stream))('$file', ({ response }) => {
      const events = eventsOf(response.body)
      const told = toldBy(upstream.dialect, client.dialect, events)
      if (told === undefined) return
      const payloads = told.filter(({ data }) => data !== '[DONE]').map(({ data }) => JSON.parse(data))
      const theirs = upstream.wordsOfStream(events.filter(({ data }) => data !== '[DONE]').map(({ data }) => JSON.parse(data)))
      if (theirs.finish === null) return
      expect(alike(client, client.wordsOfStream(payloads))).toEqual(alike(client, refusing(client, response.body, theirs)))
      for (const size of [1, 7]) expect(toldBy(upstream.dialect, client.dialect, eventsOf(response.body, size))).toEqual(told)
    })
  })
})

it('reads enough recordings to mean something', () => {
  const counts = UPSTREAMS.map(({ speaks }) => recordings.filter(({ api }) => speaks(api)).length)
  expect(counts.map((count, index) => count >= (hasShared ? [100, 25, 35, 5, 40] : [5, 5, 5, 0, 8])[index]!)).toEqual(
    UPSTREAMS.map(() => true),
  )
})

/** The client's events; undefined where the recording itself holds an error. */
function toldBy(upstream: UpstreamDialect, client: IngressDialect, events: readonly SseEvent[]): SseEvent[] | undefined {
  const stage = pipe(upstream.decodeStream(decoding()), client.encodeStream(asking))
  try {
    return [...events.flatMap((event) => stage.push(event)), ...stage.end()]
  } catch (error) {
    if (error instanceof GatewayError) return undefined
    throw error
  }
}

/** What differs by nature: counts that contradict each other are cut, arguments that are no object become one, unknown counts may be 0. */
function alike({ blind = (words) => words }: Client, { usage, calls, ...rest }: Words): Words {
  const { input = 0, output = 0, cached, reasoning } = usage
  const cut = (part: number | undefined, whole: number) => (part === undefined ? undefined : Math.min(part, whole))
  const counted = { input, output, total: undefined, cached: cut(cached, input), reasoning: cut(reasoning, output) }
  const objects = calls.map(({ name, args }) => ({ name, args: Object(args).INVALID_JSON ?? (args || {}) }))
  return blind({ ...rest, calls: objects, usage: counted })
}

/** A refusal in words, which OpenAI calls an ordinary end, has a reason of its own elsewhere. */
function refusing({ dialect }: Client, body: string, words: Words): Words {
  const isTold = dialect === anthropicMessages || dialect === gemini
  return isTold && /"refusal":\s*"[^"]/.test(body) ? { ...words, finish: 'content_filter' } : words
}

function written(answer: object): Any {
  return JSON.parse(JSON.stringify(answer))
}
