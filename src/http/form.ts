import type { IncomingMessage } from 'node:http'
import { Readable } from 'node:stream'
import type { Form } from '../contract/form.ts'
import { GatewayError } from '../errors.ts'
import { FormWatch } from '../wire/multipart.ts'
import { takesItsTime } from './node.ts'
import { paced } from './paced.ts'

export interface FormSource {
  readonly incoming: IncomingMessage
  readonly boundary: string
  /** The most bytes a form may have. */
  readonly most: number
}

/**
 * Reads a form until its field `model` is known. Clients that send it first have their file streamed through; of those that send it last,
 * as OpenAI's own for Node does with the order of its examples, what precedes it is held. Rejects with `request_too_large` and as `FormWatch` does.
 */
export async function formOf(source: FormSource): Promise<Form> {
  const { incoming, boundary } = source
  const watch = new FormWatch(boundary, 'model')
  const held: Buffer[] = []
  const pieces = counted(source, watch)
  while (!watch.found) {
    const { done, value } = await pieces.next()
    if (done) return { model: '', withModel: () => unnamed() }
    held.push(value)
  }
  const { start, end, text } = watch.found
  const told = incoming.headers['content-length']
  return {
    model: text,
    withModel(model) {
      takesItsTime(incoming)
      const bytes = Buffer.from(model)
      const length = told === undefined ? undefined : Number(told) + bytes.length - (end - start)
      const head = Buffer.concat(held.splice(0))
      const begun = [head.subarray(0, start), bytes, head.subarray(end)]
      return {
        contentType: incoming.headers['content-type'] ?? '',
        length,
        stream: Readable.from(joined(begun, pieces), { objectMode: false }),
      }
    },
  }
}

/** The form's pieces as they come, each looked at before it is passed on. */
async function* counted({ incoming, most }: FormSource, watch: FormWatch): AsyncGenerator<Buffer, undefined> {
  let bytes = 0
  for await (const chunk of paced(incoming)) {
    bytes += chunk.length
    if (bytes > most)
      throw new GatewayError('request_too_large', `The form is larger than ${most} bytes: send less, or raise sizes.body in gateway.yaml.`)
    watch.push(chunk)
    yield chunk
  }
  watch.end()
}

async function* joined(begun: readonly Buffer[], rest: AsyncGenerator<Buffer>): AsyncGenerator<Buffer> {
  yield* begun
  yield* rest
}

function unnamed(): never {
  throw new GatewayError('internal_error', 'A form without a model is not sent on.')
}
