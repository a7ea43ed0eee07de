// Two ways through: the same dialect on both sides passes bytes, different ones meet in the hub.

import type { Offer } from './contract/decision.ts'
import type { DecodeContext, Frame, SseEvent } from './contract/dialect.ts'
import type { Hub } from './contract/family.ts'
import type { FormBody } from './contract/form.ts'
import { paramsDropped, paramsRefused } from './contract/params.ts'
import { GatewayError } from './errors.ts'
import { declaredEdits } from './lane/declared-edits.ts'
import type { Peeked } from './peek.ts'
import { parseExact } from './wire/exact-json.ts'
import { editedPieces, editJson, type JsonEdit } from './wire/json-edit.ts'
import type { JsonScan } from './wire/json-scan.ts'
import { encodeSse } from './wire/sse.ts'

/** How one request and its answer cross between a client's dialect and a provider's. */
export interface Lane {
  readonly body: Buffer | readonly Buffer[] | FormBody
  /** What did not cross as it was: `logit_bias`, or `max_tokens -> max_completion_tokens`. */
  readonly changed: readonly string[]
  /** The answer in the client's protocol; the very bytes where nothing needs translating. */
  answer(body: Buffer): Buffer
  /** What of one frame goes to the client. */
  frame(frame: Frame): Buffer | string | undefined
  /** What the client's protocol still owes at the end of a stream. */
  end(): string
  /** Whether the last usage chunk is kept from a client that did not ask for it. */
  readonly hidesUsage: boolean
}

export interface Crossing {
  readonly peeked: Peeked
  readonly offer: Offer
  /** A header of the client's, by its lower-case name. */
  header(name: string): string | undefined
  readonly requestId: string
  /** Unix seconds. */
  readonly created: number
  /** `x-tollgate-strict`: what would be dropped is refused. */
  readonly strict: boolean
}

export function openLane(crossing: Crossing): Lane {
  if (crossing.peeked.carried) return untouched(crossing.peeked.scan.body)
  const lane = crossing.peeked.ingress.id === crossing.offer.provider.dialect.id ? bytes(crossing) : translation(crossing)
  const [lost] = lane.changed
  if (crossing.strict && lost !== undefined) {
    throw new GatewayError(
      'unsupported_parameter',
      `${crossing.offer.names.qualified} does not take ${lost}, and the request is strict: leave it out.`,
      { param: lost },
    )
  }
  return lane
}

/** Not a byte is ours to change, either way. */
const untouched = (body: Buffer): Lane => ({ body, changed: [], answer: (answer) => answer, ...NO_STREAM })

function bytes(crossing: Crossing): Lane {
  const { peeked, offer } = crossing
  const { edits, changed } = declaredEdits(crossing)
  const hidesUsage = offer.provider.dialect.edits.usage && peeked.ask.stream && !peeked.includeUsage
  const body = peeked.form?.withModel(offer.wireModel) ?? edited(peeked.scan, edits)
  return { body, changed, answer: (answer) => answer, frame: (frame) => frame.bytes, end: () => '', hidesUsage }
}

/** Bytes. From here on a copy costs more than pieces do: memory is what a large request is short of. */
const LARGE = 128 * 1024

const edited = (scan: JsonScan, edits: readonly JsonEdit[]): Lane['body'] =>
  scan.body.length < LARGE ? editJson(scan, edits) : editedPieces(scan, edits)

function translation(crossing: Crossing): Lane {
  const { peeked, offer, requestId, created } = crossing
  const { ingress } = peeked
  const { dialect, quirks } = offer.provider
  const request = ingress.decodeRequest(parseExact(peeked.scan.body.toString()))
  const [refused] = paramsRefused(request, dialect)
  if (refused !== undefined) {
    const sentence = `${offer.names.qualified} cannot be asked for ${refused}: its API has no such parameter. Leave it out or ask another provider's model.`
    throw new GatewayError('unsupported_parameter', sentence, { param: refused })
  }
  const { stream } = peeked.ask
  const { maxOutput, capabilities } = offer.model ?? {}
  const known = { ...(maxOutput && { maxOutput }), ...(capabilities?.reasoning !== undefined && { reasons: capabilities.reasoning }) }
  const asked = { ...request, model: offer.wireModel }
  const encoded = dialect.encodeRequest(asked, { stream, quirks, ...known })
  const context: DecodeContext<Hub> = { requestId, created, model: offer.wireModel, quirks, request }
  return {
    body: Buffer.from(JSON.stringify(encoded)),
    changed: paramsDropped(asked, dialect, quirks),
    answer: (body) =>
      Buffer.from(JSON.stringify(ingress.encodeResponse(dialect.decodeResponse(parseExact(body.toString()), context), request))),
    ...(stream ? streaming(crossing, context) : NO_STREAM),
  }
}

const NO_STREAM: Pick<Lane, 'frame' | 'end' | 'hidesUsage'> = { frame: () => undefined, end: () => '', hidesUsage: false }

function streaming(
  { peeked: { ingress, includeUsage }, offer }: Crossing,
  context: DecodeContext<Hub>,
): Pick<Lane, 'frame' | 'end' | 'hidesUsage'> {
  const decoder = offer.provider.dialect.decodeStream(context)
  const encoder = ingress.encodeStream({ ...context, includeUsage })
  const told = (chunks: readonly object[]): string => {
    let text = ''
    for (const chunk of chunks) text += written(encoder.push(chunk))
    return text
  }
  return {
    frame: ({ event, data }) => {
      if (data === undefined) return undefined
      const text = told(decoder.push(event === undefined ? { data } : { event, data }))
      return text === '' ? undefined : text
    },
    end: () => told(decoder.end()) + written(encoder.end()),
    // The encoder knows what the client asked for.
    hidesUsage: false,
  }
}

function written(events: readonly SseEvent[]): string {
  let text = ''
  for (const event of events) text += encodeSse(event)
  return text
}
