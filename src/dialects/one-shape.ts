import type { Glance, IngressDialect, StreamEnding, Top, UpstreamDialect, Usage } from '../contract/dialect.ts'
import type { Hub, HubRequest } from '../contract/family.ts'
import { failed, readFailure } from './failure.ts'
import { fields } from './fields.ts'
import { modelEdited, noEnding, noStream, untold } from './no-stream.ts'
import { encodeError, encodeStreamError } from './openai-chat/errors.ts'

type BothSides = UpstreamDialect<Hub> & IngressDialect<Hub>

interface Shape {
  readonly id: string
  readonly family: NonNullable<BothSides['family']>
  readonly path: string
  /** The field whose length tells how much there is to read. */
  readonly content: string
  readonly readUsage: (payload: unknown) => Usage | undefined
  readonly characters?: (top: Top) => number | undefined
  readonly ending?: StreamEnding
  readonly bytes?: true
  readonly form?: true
}

/**
 * A dialect that is its family's hub: clients and providers share one shape, so nothing is translated between the two sides, and another
 * dialect of the family translates from and to it.
 */
export function asHub({ id, family, path, content, readUsage, characters, ending = noEnding, bytes, form }: Shape): BothSides {
  const glance: Glance = {
    content,
    attachments: {},
    read: (top) => ({
      ...untold,
      model: top.text('model'),
      stream: top.flag('stream'),
      choices: top.count('n'),
      user: top.text('user'),
      characters: characters?.(top),
    }),
  }
  return {
    ...{ id, family, path: () => path, params: {}, unlisted: 'mapped' as const, edits: modelEdited, ending, glance, readUsage },
    ...(bytes && { bytes }),
    ...(form && { form }),
    encodeRequest: (request) => request,
    decodeResponse: objectOf,
    decodeStream: noStream,
    decodeError: readFailure,
    decodeRequest: (body): HubRequest => ({ model: '', ...fields(body) }),
    encodeResponse: (response) => response,
    encodeStream: noStream,
    encodeError,
    encodeStreamError,
  }
}

function objectOf(body: unknown): object {
  if (typeof body !== 'object' || body === null) throw failed(body)
  return body
}
