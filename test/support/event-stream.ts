import { crc32 } from 'node:zlib'

/** A header value with the number of its kind and its bytes, written as Amazon's event streams have them. */
export interface Written {
  readonly kind: number
  readonly bytes: Buffer
}

export function written(value: string): Written {
  const text = Buffer.from(value)
  return { kind: 7, bytes: Buffer.concat([number(text.length, 2), text]) }
}

/** One message of an event stream, written without the code under test. */
export function message(headers: Readonly<Record<string, Written | string>>, payload: string | Buffer = ''): Buffer {
  const body = Buffer.from(payload)
  const head = Buffer.concat(
    Object.entries(headers).map(([name, value]) => {
      const { kind, bytes } = typeof value === 'string' ? written(value) : value
      return Buffer.concat([number(Buffer.byteLength(name), 1), Buffer.from(name), number(kind, 1), bytes])
    }),
  )
  const lengths = Buffer.concat([number(12 + head.length + body.length + 4, 4), number(head.length, 4)])
  const before = Buffer.concat([lengths, number(crc32(lengths), 4), head, body])
  return Buffer.concat([before, number(crc32(before), 4)])
}

/** An event as Bedrock sends it. */
export function event(type: string, payload: object): Buffer {
  return message({ ':event-type': type, ':content-type': 'application/json', ':message-type': 'event' }, JSON.stringify(payload))
}

/** A failure inside a stream. */
export function exception(type: string, payload: object): Buffer {
  return message({ ':exception-type': type, ':content-type': 'application/json', ':message-type': 'exception' }, JSON.stringify(payload))
}

export function number(value: number, size: number): Buffer {
  const bytes = Buffer.alloc(size)
  bytes.writeUIntBE(value, 0, size)
  return bytes
}
