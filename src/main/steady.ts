/** Milliseconds that only grow, whatever is done to the machine's clock: for what asks how long something takes. */
export const steady = (): number => performance.now()
