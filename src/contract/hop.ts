/** Every request to a provider carries the ids of the gateways it passed, so that one which comes back to us is known. */
export const HOP_HEADER = 'x-tollgate-hop'

/** True where a request arriving with this header value has been through `instance` before: the http side answers 508 `loop_detected`. */
export function hasPassed(instance: string, value: string | undefined): boolean {
  return value?.split(',').some((hop) => hop.trim() === instance) ?? false
}

/** The header's value on the way out: the hops so far, then ours. */
export function withHop(instance: string, value: string | undefined): string {
  return value === undefined || value === '' ? instance : `${value}, ${instance}`
}
