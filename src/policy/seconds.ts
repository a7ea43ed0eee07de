/** Milliseconds as the whole seconds that a client is told to wait: at least one, for less is no wait. */
export const seconds = (milliseconds: number): number => Math.max(1, Math.ceil(milliseconds / 1_000))
