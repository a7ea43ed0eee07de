/**
 * Plain HTTP to addresses that an operator gave, and nobody else: no redirect is followed, and an address on an inner network is dialled
 * only where the operator said that it is one. Rejects with `base_url_not_allowed`, `upstream_unreachable`, `upstream_timeout` and
 * `upstream_protocol_error`.
 */
export interface Web {
  /** The body of a 200, at most so many bytes of it. */
  get(address: WebAddress, mostBytes: number): Promise<Buffer>
  /** The status. */
  post(address: WebAddress, body: { readonly headers: Readonly<Record<string, string>>; readonly bytes: Buffer }): Promise<number>
  close(): Promise<void>
}

export interface WebAddress {
  readonly url: string
  /** On the operator's own network: plain http, any port and inner addresses will do. */
  readonly private: boolean
}
