import type { Frame, Step, UpstreamDialect } from '../../src/contract/dialect.ts'
import { GatewayError } from '../../src/errors.ts'
import { spokenDialects } from '../../src/main/spoken-dialects.ts'
import { parseExact } from '../../src/wire/exact-json.ts'
import { FrameSplitter } from '../../src/wire/frames.ts'
import { decoding, type Recording } from '../contract/dialects/recordings.ts'
import { type Words, wordsOfChat, wordsOfChunks } from '../contract/dialects/words.ts'
import { bytesOf, conversedIn } from './formats.ts'

/** How a dialect's streams are cut into events. */
export function framesOf({ framing }: Pick<UpstreamDialect, 'framing'>): Step<Buffer, Frame> {
  const maxBytes = 8 * 1024 * 1024
  return framing?.split({ maxBytes }) ?? new FrameSplitter({ maxBytes })
}

/** The dialect of a recorded conversation. */
export function dialectOf(recording: Recording): UpstreamDialect {
  const dialect = spokenDialects.get(conversedIn(recording) ?? '')
  if (dialect === undefined) throw new Error(`${recording.file} is in no dialect that is spoken here.`)
  // Dialects without a family converse, and then their hub is chat's.
  return dialect as UpstreamDialect
}

/** What a recorded answer says as the hub hears it; undefined of one that failed, or ended before it was complete. */
export function hubWords(recording: Recording): Words | undefined {
  try {
    const words = recording.stream ? wordsOfStream(recording) : wordsOfAnswer(recording)
    return words.finish === null ? undefined : words
  } catch (error) {
    if (error instanceof GatewayError) return undefined
    throw error
  }
}

function wordsOfAnswer(recording: Recording): Words {
  return wordsOfChat(dialectOf(recording).decodeResponse(parseExact(recording.response.body), decoding()))
}

function wordsOfStream(recording: Recording): Words {
  const dialect = dialectOf(recording)
  const frames = framesOf(dialect)
  const decoder = dialect.decodeStream(decoding())
  const chunks = [...frames.push(bytesOf(recording)), ...frames.end()].flatMap(({ event, data, failure }) => {
    if (failure) throw new GatewayError('upstream_error', failure.message)
    return data === undefined ? [] : decoder.push(event === undefined ? { data } : { event, data })
  })
  return wordsOfChunks([...chunks, ...decoder.end()])
}
