import type { Frame, Framing, ProviderFailure } from '../../src/contract/dialect.ts'
import { entryOf, fields, text } from '../../src/dialects/fields.ts'
import { type EventMessage, MessageSplitter } from '../../src/wire/event-stream.ts'
import { encodeSse } from '../../src/wire/sse.ts'
import { decodeFailure } from './failure.ts'

/** Events as they are. */
export const events = framing((type, payload) => ({ event: type, data: payload }))

/** Chunks, each with one event of the model's own stream inside. */
export const chunks = framing((_type, payload) => {
  const data = Buffer.from(text(fields(parsed(payload)).bytes) ?? '', 'base64').toString()
  return { event: TYPE.exec(data)?.[1] ?? text(fields(parsed(data)).type), data }
})

/** Where every model writes it; the whole is parsed only where one does not. */
const TYPE = /^\{"type":"([a-z_]+)"/

interface Told {
  readonly event: string | undefined
  readonly data: string
}

function framing(read: (type: string | undefined, payload: string) => Told): Framing {
  const frameOf = ({ headers, payload }: EventMessage): Frame => {
    const body = payload.toString()
    // Modelled ones are exceptions, all others errors: https://smithy.io/2.0/aws/amazon-eventstream.html
    const failed = text(headers.get(':exception-type') ?? headers.get(':error-code'))
    if (failed !== undefined) return framed({ event: failed, data: body }, failureOf(failed, headers, body))
    return framed(read(text(headers.get(':event-type')), body))
  }
  return {
    mediaType: 'application/vnd.amazon.eventstream',
    split(options) {
      const messages = new MessageSplitter(options)
      return { push: (chunk) => messages.push(chunk).map(frameOf), end: () => messages.end().map(frameOf) }
    },
  }
}

function framed({ event, data }: Told, failure?: ProviderFailure): Frame {
  return {
    get bytes() {
      return Buffer.from(encodeSse(event === undefined ? { data } : { event, data }))
    },
    event,
    data,
    failure,
  }
}

/** https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ResponseStream.html */
const STATUSES: Readonly<Record<string, number>> = {
  internalServerException: 500,
  // The model's own server failed, and asking again may help: over HTTP it is 424.
  modelStreamErrorException: 502,
  modelTimeoutException: 408,
  serviceUnavailableException: 503,
  throttlingException: 429,
  validationException: 400,
}

function failureOf(type: string, headers: EventMessage['headers'], body: string): ProviderFailure {
  const said = decodeFailure(parsed(body))?.message ?? text(headers.get(':error-message'))
  const status = entryOf(STATUSES, type)
  return { message: said ?? `The stream failed with ${type}.`, type, code: type, ...(status && { status }) }
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json)
  } catch {
    return undefined
  }
}
