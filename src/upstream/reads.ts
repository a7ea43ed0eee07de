import type { SocketConstructorOpts } from 'node:net'
import type { Readable } from 'node:stream'

/** Bytes of one read, and of what may wait to be read: a paused stream holds twice this of its provider's words. */
const MOST = 8 * 1024

/**
 * How sockets to providers are read: all of them into this one buffer, which is copied out before the next read. Left alone, Node sets
 * 64 KiB aside for every read, be it of a single token, and gives the rest back.
 */
export const frugalReads: Pick<SocketConstructorOpts, 'onread'> & { highWaterMark: number } = {
  highWaterMark: MOST,
  onread: {
    buffer: Buffer.alloc(MOST),
    callback(this: Readable, bytes: number, buffer: Uint8Array): boolean {
      return this.push(Buffer.from(buffer.subarray(0, bytes)))
    },
  },
}
