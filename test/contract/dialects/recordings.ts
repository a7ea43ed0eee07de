import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { createParser } from 'eventsource-parser'
import type { DecodeContext, SseEvent } from '../../../src/contract/dialect.ts'
import { asServerSent } from '../../support/event-stream.ts'

/** One recorded exchange, the shared ones' shape and ours. */
export interface Recording {
  file: string
  provider: string
  api: string
  stream: boolean
  /** `sse`, `ndjson`, `aws` or `json`, where the recorder told. */
  response_framing?: string
  request: { method: string; url: string; headers: Record<string, string>; body: string } | null
  response: { status: number; headers: Record<string, string>; body: string; encoding?: string }
}

const root = resolve(import.meta.dirname, '../../..')
export const SHARED = join(root, '../shared/recordings')
export const OWN = join(root, 'test/recordings')
export const hasShared = existsSync(SHARED)

export function recordingsIn(folder: string): Recording[] {
  if (!existsSync(folder)) return []
  const providers = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory() && entry.name !== 'LICENSES')
  return providers.flatMap(({ name }) =>
    readdirSync(join(folder, name))
      .filter((file) => file.endsWith('.json'))
      .map((file) => ({ file: `${name}/${file}`, ...JSON.parse(readFileSync(join(folder, name, file), 'utf8')) })),
  )
}

/** As the gateway asks: a stream that came as one list in JSON (Google without `alt=sse`) is read as an answer is. */
export const asAsked = (recording: Recording): Recording =>
  recording.response.body.startsWith('[') ? { ...recording, stream: false } : recording

/** A recorded stream as text; one in Amazon's framing as the server-sent stream it would be. */
export function streamOf({ body, encoding }: Recording['response']): string {
  return encoding === 'base64' ? asServerSent(Buffer.from(body, 'base64')) : body
}

/** The events of a stream that arrives in pieces of `size` characters. A list in JSON (Google without `alt=sse`) holds the same events. */
export function eventsOf(body: string, size = body.length): SseEvent[] {
  if (body.startsWith('[')) return JSON.parse(body).map((payload: unknown) => ({ data: JSON.stringify(payload) }))
  // Ollama's lines.
  if (body.startsWith('{')) return body.split('\n').flatMap((line) => (line.trim() === '' ? [] : [{ data: line }]))
  const events: SseEvent[] = []
  const parser = createParser({ onEvent: ({ event, data }) => events.push(event === undefined ? { data } : { event, data }) })
  for (let at = 0; at < body.length; at += Math.max(size, 1)) parser.feed(body.slice(at, at + Math.max(size, 1)))
  return events
}

export const decoding = (changes: Partial<DecodeContext> = {}): DecodeContext => ({
  requestId: 'req-1',
  created: 1_700_000_000,
  model: 'asked-model',
  quirks: {},
  ...changes,
})
