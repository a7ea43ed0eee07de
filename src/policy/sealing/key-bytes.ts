/** The 32 bytes that a text in base64 (either alphabet, padded or not) stands for, or what is wrong with it. Never repeats the text. */
export function keyBytes(text: string): { bytes: Buffer } | { trouble: string } {
  if (!/^[A-Za-z0-9+/_-]{43}=?$/.test(text)) return { trouble: 'is not 32 bytes in base64' }
  const bytes = Buffer.from(text, 'base64')
  // Of 32 random bytes some 30 differ; fewer than 16 is a pattern that somebody typed.
  return new Set(bytes).size < 16 ? { trouble: 'is not random' } : { bytes }
}
