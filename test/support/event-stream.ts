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

/** The whole messages of an event stream as the server-sent stream they would be, read without the code under test. */
export function asServerSent(bytes: Buffer): string {
  let text = ''
  for (let at = 0; at + 16 <= bytes.length && at + bytes.readUInt32BE(at) <= bytes.length; at += bytes.readUInt32BE(at)) {
    const headers = bytes.subarray(at + 12, at + 12 + bytes.readUInt32BE(at + 4))
    const payload = bytes.toString('utf8', at + 12 + headers.length, at + bytes.readUInt32BE(at) - 4)
    const named = textHeader(headers, ':event-type') ?? textHeader(headers, ':exception-type')
    const inner = named === 'chunk' ? Buffer.from(JSON.parse(payload).bytes, 'base64').toString() : payload
    text += `event: ${named === 'chunk' ? JSON.parse(inner).type : named}\ndata: ${inner}\n\n`
  }
  return text
}

function textHeader(headers: Buffer, name: string): string | undefined {
  const at = headers.indexOf(name)
  // Behind the name are the kind of its value and the value's length.
  const value = at + name.length + 3
  return at < 0 ? undefined : headers.toString('utf8', value, value + headers.readUInt16BE(value - 2))
}
