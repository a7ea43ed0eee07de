import { z } from 'zod'
import { parseDecimal } from '../contract/money.ts'

// What an operator writes, and what it is inside: milliseconds, bytes, nano-dollars, a port, an address, true or false.

const PORT = 'Give a port from 0 to 65535; 0 lets the system choose.'
const DURATION = 'Write a duration such as 500ms, 5s, 2m, 1h or 30d.'
const SIZE = 'Write a size such as 512B, 16KiB or 32MiB.'

/** `500ms`, `5s`, `2m`, `1h`, `30d`; a bare number is seconds. Inside: milliseconds. */
export const duration = z.union([z.number(), z.string()], { error: DURATION }).transform((written, context) => {
  const value = parseUnits(String(written), MILLISECONDS, 's')
  return value ?? refuse(context, DURATION)
})

/** `32MiB`, `16KiB`, `512B`; a bare number is bytes. Inside: bytes. */
export const size = z.union([z.number(), z.string()], { error: SIZE }).transform((written, context) => {
  const value = parseUnits(String(written), BYTES, 'B')
  return value ?? refuse(context, SIZE)
})

/** US dollars as a decimal with at most nine places. Inside: nano-dollars. */
export const dollars = decimalOf(9)

/** US dollars for a million tokens. Inside: pico-dollars (10^-12) for one token. */
export const perMillion = decimalOf(6)

/** US dollars for one request, image, second or search. Inside: pico-dollars. */
export const perUnit = decimalOf(12)

export const port = z.union([z.int(), z.string()], { error: PORT }).transform((written, context) => {
  return parsePort(String(written)) ?? refuse(context, PORT)
})

/** `127.0.0.1:9090`, `[::1]:9090`. */
export const address = z.string().transform((written, context) => {
  const parts = /^(?:\[([^\]]+)\]|([^:\s]+)):(\d+)$/.exec(written)
  const host = parts?.[1] ?? parts?.[2]
  const port = parsePort(parts?.[3] ?? '')
  return host && port !== undefined ? { host, port } : refuse(context, 'Write host and port, such as 127.0.0.1:9090 or [::1]:9090.')
})

/** Tiers, exact names and globs. */
export const patterns = z.array(z.string().regex(/^!?[^!\s]\S*$/, 'Give a name or a glob such as "openai/*", without spaces.'))

export const timezone = z.string().refine(isTimezone, { error: 'Give an IANA time zone such as UTC or Europe/Zurich.' })

export const onOff = z.enum(['on', 'off']).transform((written) => written === 'on')

const MILLISECONDS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }
const BYTES: Readonly<Record<string, number>> = { B: 1, KiB: 1024, MiB: 1024 ** 2, GiB: 1024 ** 3, kB: 1e3, MB: 1e6, GB: 1e9 }

function parseUnits(text: string, units: Readonly<Record<string, number>>, bare: string): number | undefined {
  const parts = /^(\d+(?:\.\d+)?) ?([A-Za-z]*)$/.exec(text.trim())
  const factor = parts && units[parts[2] || bare]
  return factor ? Math.round(Number(parts[1]) * factor) : undefined
}

function decimalOf(places: number) {
  const largest = Math.floor(Number.MAX_SAFE_INTEGER / 10 ** places)
  const error = `Write an amount of US dollars such as 5 or 0.25: not negative, at most ${places} decimals, at most ${largest}.`
  return z
    .union([z.number(), z.string()], { error })
    .transform((written, context) => parseDecimal(String(written), places) ?? refuse(context, error))
}

function parsePort(text: string): number | undefined {
  return /^\d{1,5}$/.test(text) && Number(text) <= 65_535 ? Number(text) : undefined
}

function refuse(context: z.RefinementCtx, message: string): never {
  context.addIssue({ code: 'custom', message })
  return z.NEVER
}

function isTimezone(zone: string): boolean {
  try {
    return Boolean(new Intl.DateTimeFormat('en', { timeZone: zone }))
  } catch {
    return false
  }
}
