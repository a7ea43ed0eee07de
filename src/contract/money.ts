/** Nano-dollars as a plain decimal of US dollars, exactly: `2000000005` is `2.000000005`. Not for negative amounts. */
export function dollarsOf(nano: number | bigint): string {
  const digits = String(nano).padStart(10, '0')
  return `${digits.slice(0, -9)}.${digits.slice(-9)}`.replace(/\.?0+$/, '')
}

/** Pico-dollars as a plain decimal of US dollars, exactly; negative ones too. */
export function picoDollarsOf(pico: bigint): string {
  const digits = String(pico < 0n ? -pico : pico).padStart(13, '0')
  return `${pico < 0n ? '-' : ''}${`${digits.slice(0, -12)}.${digits.slice(-12)}`.replace(/\.?0+$/, '')}`
}

/** A decimal's text as an integer of `10^-places`, exactly; undefined where it is none or does not fit a safe integer. */
export function parseDecimal(text: string, places: number): number | undefined {
  const parts = /^(\d+)(?:\.(\d+))?$/.exec(text)
  if (!parts) return undefined
  const fraction = (parts[2] ?? '').replace(/0+$/, '')
  if (fraction.length > places) return undefined
  const value = Number(`${parts[1]}${fraction.padEnd(places, '0')}`)
  return Number.isSafeInteger(value) ? value : undefined
}
