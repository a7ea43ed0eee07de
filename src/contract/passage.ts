import type { Readable } from 'node:stream'

/** A request for a provider's own API, which goes there as it is. */
export interface Passage {
  /** Any id that the provider ever had. */
  readonly provider: string
  readonly method: Method
  /** Below the provider's base URL, whose own path may be repeated; starts with `/`, its query included, and cannot lead out of there. */
  readonly path: string
  /**
   * Reads as much of the body as judging needs; undefined where there is none. Rejects with `request_too_large`, `unsupported_media_type`,
   * `invalid_value` and `invalid_json`.
   */
  open(): Promise<Load | undefined>
}

export type Method = 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

/** A body on its way. JSON is there whole, since a model's name may stand anywhere in it; all else is a stream, to be read once. */
export interface Load {
  readonly body: Buffer | Readable
  /** In bytes, where the client told. */
  readonly length: number | undefined
  /** As the field `model` of a form has it. */
  readonly model?: string
}
