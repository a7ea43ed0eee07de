import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { UpstreamDialect } from '../../../src/contract/dialect.ts'
import { spokenDialects } from '../../../src/main/spoken-dialects.ts'
import { parseExact } from '../../../src/wire/exact-json.ts'
import { pipe } from '../../../src/wire/step.ts'
import { type Listener, listeners } from '../../support/listeners.ts'
import { protocols } from '../../support/protocols.ts'
import { type Returned, type Said, type Voice, voices } from '../../support/voices.ts'
import { decoding } from './recordings.ts'
import type { Any } from './words.ts'

// What a provider says to a client of any protocol comes back with the client's next request as the provider said it: words, calls, their
// ids and order, and the mark that only the provider understands.

const filled = fc.string({ minLength: 1, maxLength: 40, unit: 'grapheme' }).filter((text) => text.trim() !== '')
const opaque = fc.uint8Array({ minLength: 1, maxLength: 30 }).map((bytes) => Buffer.from(bytes).toString('base64'))
const call = fc.record({
  id: fc.stringMatching(/^[A-Za-z0-9_-]{1,20}$/),
  name: fc.stringMatching(/^[a-z_]{1,12}$/),
  args: fc.dictionary(fc.string(), fc.jsonValue()).map((args) => JSON.parse(JSON.stringify(args)) as object),
  result: filled,
})
const said: fc.Arbitrary<Said> = fc.record({
  thought: filled,
  mark: opaque,
  text: filled,
  calls: fc.uniqueArray(call, { selector: ({ id }) => id, maxLength: 4 }),
})

/** A dialect is proven as soon as a provider here speaks it. */
const spoken = voices.filter(({ dialect }) => spokenDialects.has(dialect))

const pairs = listeners.flatMap((listener) =>
  spoken.map((voice) => ({ listener, voice, client: listener.dialect.id, provider: voice.dialect })),
)

describe.each(pairs)('$provider through a client of $client', ({ listener, voice }) => {
  const dialect = spokenDialects.get(voice.dialect) as UpstreamDialect

  it('comes back whole', () => {
    fc.assert(
      fc.property(said, (turn) => {
        const chat = dialect.decodeResponse(parseExact(JSON.stringify(voice.whole(turn))), decoding({ quirks: voice.quirks }))
        const answer: Any = JSON.parse(JSON.stringify(listener.dialect.encodeResponse(chat)))
        expect(comesBack({ listener, voice, turn, answer })).toEqual(expected(voice, turn))
      }),
      { numRuns: 60 },
    )
  })

  it('comes back from a stream', () => {
    fc.assert(
      fc.property(said, (turn) => {
        const provider = dialect.decodeStream(decoding({ quirks: voice.quirks }))
        const client = listener.dialect.encodeStream({ requestId: 'r', created: 1, model: 'm', includeUsage: true })
        const stage = pipe(provider, client)
        const events = [...voice.stream(turn).flatMap((event) => stage.push(event)), ...stage.end()]
        expect(comesBack({ listener, voice, turn, answer: listener.heard(events) })).toEqual(expected(voice, turn))
      }),
      { numRuns: 60 },
    )
  })
})

it('is proven for every protocol and every dialect of conversations', () => {
  const completions = 'openai-completions'
  expect(
    protocols.map(({ dialect }) => dialect).filter((id) => id !== completions && !listeners.some(({ dialect }) => dialect.id === id)),
  ).toEqual([])
  const conversing = [...spokenDialects.values()].filter(
    ({ id, family }) => family === undefined && id !== completions && !id.endsWith('count-tokens'),
  )
  // What is asked of a provider in the very words of another dialect is proven by that one.
  const isProven = ({ id, encodeRequest }: (typeof conversing)[number]) =>
    voices.some(({ dialect }) => dialect === id || spokenDialects.get(dialect)?.encodeRequest === encodeRequest)
  expect(conversing.filter((dialect) => !isProven(dialect)).map(({ id }) => id)).toEqual([])
})

interface Trip {
  readonly listener: Listener
  readonly voice: Voice
  readonly turn: Said
  /** As the client read it. */
  readonly answer: Any
}

function comesBack({ listener, voice, turn, answer }: Trip): Returned {
  const provider = spokenDialects.get(voice.dialect) as UpstreamDialect
  const asked = listener.dialect.decodeRequest(parseExact(JSON.stringify(listener.next(answer, turn.calls))))
  return voice.read(JSON.parse(JSON.stringify(provider.encodeRequest(asked, { stream: false, quirks: voice.quirks }))))
}

function expected({ lacks }: Voice, { mark, text, calls }: Said): Returned {
  const [noMark, noIds] = [lacks.includes('mark'), lacks.includes('ids')]
  return {
    mark: noMark ? undefined : mark,
    text,
    calls: calls.map(({ id, name, args }) => (noIds ? { name, args } : { id, name, args })),
    results: calls.map(({ id, result }) => (noIds ? { text: result } : { id, text: result })),
  }
}
