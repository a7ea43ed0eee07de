/** A provider's refusal in common words; `encodeError` renders it in the client's protocol. */
export interface ProviderFailure {
  message: string
  type?: string
  code?: string
  param?: string
  /** The status it would have had, of one inside an answer of status 200. */
  status?: number
  /** Seconds after which it may be asked again, where the body says so. */
  retryAfter?: number
}
