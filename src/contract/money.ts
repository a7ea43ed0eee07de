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
