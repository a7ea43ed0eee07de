import type { OnReadOpts } from 'node:net'
import type { Readable } from 'node:stream'

/** Bytes that one read of a socket takes at most, and so what a paused stream may hold of its provider's words. */
const MOST = 16 * 1024

/**
 * How sockets to providers are read: all of them into this one buffer, which is copied out before the next read. Left alone, Node sets
 * 64 KiB aside for every read, be it of a single token, and gives the rest back.
 */
export const sharedReads: OnReadOpts = {
  buffer: Buffer.alloc(MOST),
  callback(this: Readable, bytes: number, buffer: Uint8Array): boolean {
    return this.push(Buffer.from(buffer.subarray(0, bytes)))
  },
}
