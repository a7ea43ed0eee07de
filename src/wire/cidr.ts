/** Whether an address lies in a range: an exact address or CIDR, IPv4 or IPv6. What does not parse is in no range. */
export function inRange(address: string, range: string): boolean {
  const [base = '', length, ...rest] = range.split('/')
  const wanted = addressOf(base)
  const given = addressOf(address)
  if (wanted === undefined || given === undefined || rest.length > 0) return false
  const prefix = prefixOf(length, base.includes(':') ? 128 : 32)
  return prefix !== undefined && (wanted ^ given) >> BigInt(128 - prefix) === 0n
}

/** An address as 128 bits. IPv4 lies at `::ffff:0:0/96` (RFC 4291 2.5.5.2), so both spellings of one host are equal. */
export function addressOf(text: string): bigint | undefined {
  const v4 = ipv4(text)
  return v4 === undefined ? ipv6(text) : MAPPED | v4
}

const MAPPED = 0xffffn << 32n

function prefixOf(length: string | undefined, width: 32 | 128): number | undefined {
  if (length === undefined) return 128
  if (!/^\d{1,3}$/.test(length) || Number(length) > width) return undefined
  return 128 - width + Number(length)
}

/** Four decimal numbers only: the octal, hexadecimal and short forms of old C libraries mean different hosts to different readers. */
function ipv4(text: string): bigint | undefined {
  if (!/^(?:0|[1-9]\d{0,2})(?:\.(?:0|[1-9]\d{0,2})){3}$/.test(text)) return undefined
  const bytes = text.split('.').map(Number)
  return bytes.every((byte) => byte <= 255) ? fold(bytes, 8n) : undefined
}

function ipv6(text: string): bigint | undefined {
  const halves = withHexTail(text).split('::')
  const [left = [], right] = halves.map((half) => (half === '' ? [] : half.split(':')))
  const missing = 8 - left.length - (right?.length ?? 0)
  if (halves.length > 2 || (right === undefined ? missing !== 0 : missing < 1)) return undefined
  const groups = [...left, ...Array<string>(missing).fill('0'), ...(right ?? [])]
  if (!groups.every((group) => /^[0-9a-f]{1,4}$/i.test(group))) return undefined
  return fold(
    groups.map((group) => Number.parseInt(group, 16)),
    16n,
  )
}

/** `::ffff:10.0.0.1` ends in an IPv4 address: as two groups of hex it is like any other. */
function withHexTail(text: string): string {
  const start = text.lastIndexOf(':') + 1
  const tail = start > 0 ? ipv4(text.slice(start)) : undefined
  return tail === undefined ? text : `${text.slice(0, start)}${(tail >> 16n).toString(16)}:${(tail & 0xffffn).toString(16)}`
}

const fold = (parts: readonly number[], width: bigint): bigint => parts.reduce((sum, part) => (sum << width) | BigInt(part), 0n)
