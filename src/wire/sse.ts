import type { Buffer } from 'node:buffer'
import type { Frame, SseEvent, Step } from '../contract/dialect.ts'
import { GatewayError } from '../errors.ts'
import { FrameSplitter } from './frames.ts'

/** Keeps an idle stream's socket alive; readers ignore comments. */
export const PING = ': ping\n\n'
/** How OpenAI's streams say that they are complete. */
export const DONE = 'data: [DONE]\n\n'

/**
 * The events of a server-sent stream; frames without data are none. Unlike a browser it also takes a last event without its blank line: some
 * providers end so, and one that was cut off in the middle is left for whoever parses its data to find.
 */
export function sseDecoder(options?: { maxBytes?: number }): Step<Buffer, SseEvent> {
  const frames = new FrameSplitter(options)
  return {
    push: (chunk) => frames.push(chunk).flatMap(eventOf),
    end: () => frames.end().flatMap(eventOf),
  }
}

/** One frame. Throws where an event's name would break out of its line; line breaks in data become data lines of their own. */
export function encodeSse({ event, data }: SseEvent): string {
  if (event !== undefined && LINE_BREAK.test(event))
    throw new GatewayError('internal_error', 'The name of a stream event holds a line break.')
  return `${event === undefined ? '' : `event: ${event}\n`}${prefixed('data: ', data)}\n`
}

/** A frame that readers ignore. */
export function comment(text: string): string {
  return `${prefixed(': ', text)}\n`
}

function eventOf({ event, data }: Frame): SseEvent[] {
  if (data === undefined) return []
  return [event === undefined ? { data } : { event, data }]
}

const LINE_BREAK = /\r\n|\n|\r/

function prefixed(prefix: string, text: string): string {
  // JSON is one line, and looking for two characters costs less than splitting.
  if (!text.includes('\n') && !text.includes('\r')) return `${prefix}${text}\n`
  return text
    .split(LINE_BREAK)
    .map((line) => `${prefix}${line}\n`)
    .join('')
}
