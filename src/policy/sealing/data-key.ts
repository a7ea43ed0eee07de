import type { SealingKey } from './envelope.ts'

// What seals a tenant's values and answers: once it is destroyed, nothing opens them.

const ID_BYTES = 8
const KEY_BYTES = 32

/** A data key lies in the vault as its id and its 32 bytes. */
export const newDataKey = (random: (bytes: number) => Buffer): Buffer => random(ID_BYTES + KEY_BYTES)

export const dataKeyFrom = (plain: Buffer): SealingKey => ({
  id: plain.toString('base64url', 0, ID_BYTES),
  bytes: plain.subarray(ID_BYTES),
})
