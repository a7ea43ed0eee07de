import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { describe, expect, it } from 'vitest'
import type { SseEvent, UpstreamDialect } from '../../../src/contract/dialect.ts'
import { spokenDialects } from '../../../src/main/spoken-dialects.ts'
import { Meter } from '../../../src/meter.ts'
import { listeners } from '../../support/listeners.ts'
import { type Said, type Voice, voices } from '../../support/voices.ts'
import { decoding } from './recordings.ts'

// What a long stream leaves in memory while it runs: no more than the largest event of its two sides. Where a protocol says the whole again
// at its end (Responses: every text and argument), or says a thing only whole (generateContent: a call's arguments; all but Messages: a
// thought with its signature), that event is the whole, and it is kept once.

/** Pieces of what is said; thoughts and arguments grow by the same few lines, and fewer tell. */
const EVENTS: Readonly<Record<string, number>> = { text: 10_000, thought: 3_000, arguments: 3_000 }
/** What a collection of garbage leaves or takes by itself. */
const NOISE = 96 * 1024

/** One thing said in many pieces. */
const LONG: Readonly<Record<string, (piece: string) => Partial<Said>>> = {
  text: (text) => ({ text }),
  thought: (thought) => ({ thought }),
  arguments: (piece) => ({ calls: [{ id: 'call_1', name: 'look', args: { at: piece }, result: 'seen' }] }),
}

const PIECE = 'PIECEPIECE'

/** A call comes in one event, so there is nothing to gather. */
const WHOLE_CALLS = ['gemini', 'ollama-chat']

const cells = listeners.flatMap((listener) =>
  voices
    .filter(({ dialect }) => spokenDialects.has(dialect))
    .flatMap((voice) =>
      Object.keys(LONG)
        .filter((what) => what !== 'arguments' || !WHOLE_CALLS.includes(voice.dialect))
        .map((what) => ({ listener, voice, what, client: listener.dialect.id, provider: voice.dialect })),
    ),
)

describe.each(cells)('$what of $provider to a client of $client', ({ listener, voice, what }) => {
  it('leaves no more than its largest event', () => {
    const dialect = spokenDialects.get(voice.dialect) as UpstreamDialect
    const meter = new Meter(dialect, voice.quirks)
    const decoder = dialect.decodeStream(decoding({ quirks: voice.quirks }))
    const encoder = listener.dialect.encodeStream({ requestId: 'r', created: 1, model: 'm', includeUsage: true })
    const { head, piece, tail } = longStream(voice, LONG[what]!)
    let largest = 0
    const told = (events: readonly SseEvent[]): void => {
      for (const event of events) largest = Math.max(largest, event.data.length)
    }
    const play = (event: SseEvent): void => {
      largest = Math.max(largest, event.data.length)
      meter.see({ bytes: Buffer.from(event.data), event: event.event, data: event.data })
      for (const chunk of decoder.push(event)) told(encoder.push(chunk))
    }
    for (const event of head) play(event)
    // Code is compiled, and its memory taken, while it warms up.
    for (let at = 0; at < 1_000; at++) play(piece(at))
    const before = held()
    for (let at = 0; at < EVENTS[what]!; at++) play(piece(at))
    const grown = held() - before
    for (const event of tail) play(event)
    for (const chunk of decoder.end()) told(encoder.push(chunk))
    told(encoder.end())
    expect(grown).toBeLessThanOrEqual(1.25 * largest + NOISE)
  })
})

describe.each(listeners.map(({ dialect }) => ({ client: dialect.id, encode: dialect.encodeResponse })))(
  'a whole answer of a megabyte to a client of $client',
  ({ encode }) => {
    it.for(voices.filter(({ dialect }) => spokenDialects.has(dialect)))(
      'leaves no more than itself, however many $dialect gave',
      (voice) => {
        const dialect = spokenDialects.get(voice.dialect) as UpstreamDialect
        const answer = (at: number): number => {
          const said = voice.whole({ thought: 'Hm.', mark: 'c2ln', text: `${at} of a million. `.repeat(70_000), calls: [] })
          const chat = dialect.decodeResponse(JSON.parse(JSON.stringify(said)), decoding({ quirks: voice.quirks }))
          return JSON.stringify(encode(chat)).length
        }
        const size = answer(0)
        expect(size).toBeGreaterThan(1_000_000)
        const before = held()
        for (let at = 1; at < 5; at++) answer(at)
        expect(held() - before).toBeLessThanOrEqual(1.25 * size + NOISE)
      },
    )
  },
)

/** The events before the first piece, that event again and again with a piece of its own, and those after it. */
function longStream(voice: Voice, said: (piece: string) => Partial<Said>) {
  const events = voice.stream({ thought: 'Hm.', mark: 'c2ln', text: 'See', calls: [], ...said(PIECE) })
  const first = events.findIndex(({ data }) => data.includes('PIECE'))
  const { event, data } = events[first]!
  const piece = (at: number): SseEvent => {
    const text = data.replaceAll('PIECE', `${at} of so many pieces, and `)
    return event === undefined ? { data: text } : { event, data: text }
  }
  return { head: events.slice(0, first), piece, tail: events.slice(first + 1) }
}

setFlagsFromString('--expose-gc')
const collect: () => void = runInNewContext('gc')

function held(): number {
  for (let twice = 0; twice < 2; twice++) collect()
  return process.memoryUsage().heapUsed
}
