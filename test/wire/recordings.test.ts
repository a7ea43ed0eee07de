import { Buffer } from 'node:buffer'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { createParser } from 'eventsource-parser'
import { describe, expect, it } from 'vitest'
import { FrameSplitter } from '../../src/wire/frames.ts'
import { readField, scanJson } from '../../src/wire/json-scan.ts'

// What providers and their clients really sent, where the shared recordings lie beside the repository.

interface Recording {
  name: string
  response_framing: string
  request: { body?: string } | null
  response: { body: string }
}

const folder = resolve(import.meta.dirname, '../../../shared/recordings')

describe.skipIf(!existsSync(folder))('every recorded exchange', () => {
  it('has a stream that is its frames put together, and the same events to us as to another reader, in pieces of 17 bytes', () => {
    const streams = recordings().filter((recording) => recording.response_framing === 'sse')
    expect(streams.length).toBeGreaterThan(100)
    for (const { name, response } of streams) {
      const bytes = Buffer.from(response.body)
      const splitter = new FrameSplitter()
      const pieces = Array.from({ length: Math.ceil(bytes.length / 17) }, (_, i) => bytes.subarray(17 * i, 17 * i + 17))
      const frames = [...pieces.flatMap((piece) => splitter.push(piece)), ...splitter.end()]
      expect(Buffer.concat(frames.map((frame) => frame.bytes)).equals(bytes), name).toBe(true)
      const events = frames.filter(({ data }) => data !== undefined).map(({ event, data }) => [event, data])
      expect(events, name).toEqual(oracle(response.body))
    }
  })

  it('has a JSON request whose fields a scan sees as JSON.parse does', () => {
    const bodies = recordings().flatMap(({ name, request }) => (request?.body?.startsWith('{') ? [{ name, body: request.body }] : []))
    expect(bodies.length).toBeGreaterThan(100)
    for (const { name, body } of bodies) {
      const scan = scanJson(Buffer.from(body))
      const seen = [...scan.fields.keys()].map((field) => [field, readField(scan, field)])
      expect(Object.fromEntries(seen), name).toEqual(JSON.parse(body))
    }
  })
})

function recordings(): Recording[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => /[/\\].+\.json$/.test(name))
    .map((name) => ({ ...JSON.parse(readFileSync(join(folder, name), 'utf8')), name }))
}

/** Some recordings break off before the blank line of their last event, which a browser would leave out. */
function oracle(text: string): unknown[] {
  const events: unknown[] = []
  createParser({ onEvent: ({ event, data }) => events.push([event, data]) }).feed(`${text}\n\n`)
  return events
}
