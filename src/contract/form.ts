import type { Readable } from 'node:stream'

/** A multipart form on its way: it was read until its model was known, and goes on being read as it is sent on. */
export interface Form {
  /** Empty where the whole form names none. */
  readonly model: string
  /** The form with another model in it, every other byte as it came; to be read once. Fails as reading fails. */
  withModel(model: string): FormBody
}

export interface FormBody {
  /** With the boundary. */
  readonly contentType: string
  /** In bytes, where the client told. */
  readonly length: number | undefined
  readonly stream: Readable
}
