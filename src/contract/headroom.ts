/** What a provider says of one of its windows. */
export interface Left {
  readonly limit: number
  readonly remaining: number
  /** Milliseconds until it is full again; undefined: not told. */
  readonly resetMs: number | undefined
}

/** What is left of one key for one model: of several windows of a kind, the scarcest. */
export interface Headroom {
  readonly requests?: Left | undefined
  readonly tokens?: Left | undefined
}

/** As a share of the scarcest window, 0 to 1; undefined where nothing was told. */
export function shareLeft({ requests, tokens }: Headroom): number | undefined {
  if (!requests || !tokens) return requests ? shareOf(requests) : tokens && shareOf(tokens)
  return Math.min(shareOf(requests), shareOf(tokens))
}

export const shareOf = ({ limit, remaining }: Left): number => Math.min(1, remaining / limit)
