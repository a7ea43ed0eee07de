const DECIMAL = /^(-?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,3}))?$/

/** A decimal's text times ten to the power of `places`, rounded half away from zero; undefined where it is no decimal. Never by way of a float. */
export function scaled(text: string, places: number): bigint | undefined {
  const [, sign, whole = '', fraction = '', exponent = '0'] = DECIMAL.exec(text.trim()) ?? []
  if (sign === undefined || whole + fraction === '') return undefined
  const shift = places + Number(exponent) - fraction.length
  const digits = BigInt(whole + fraction)
  const power = 10n ** BigInt(Math.abs(shift))
  const value = shift >= 0 ? digits * power : (digits + power / 2n) / power
  return sign === '-' ? -value : value
}

/** How many digits a decimal's text has behind its point. */
export function decimalsOf(text: string): number {
  const [, , , fraction = '', exponent = '0'] = DECIMAL.exec(text.trim()) ?? []
  return Math.max(0, fraction.replace(/0+$/, '').length - Number(exponent))
}
