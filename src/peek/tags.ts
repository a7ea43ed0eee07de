import type { Caller } from '../contract/caller.ts'
import type { Inbound } from '../contract/gateway.ts'
import { type JsonScan, readField } from '../wire/json-scan.ts'

/** What the body's `metadata` says of a request: whose it is, and what else it shall be counted under. */
export interface Labels {
  readonly user?: string
  /** `name:value` of each. */
  readonly tags: readonly string[]
}

const NONE: Labels = { tags: [] }

const MOST_TAGS = 16
const LONGEST_HEADER_TAG = 64
/** A longer value is a note of the client's own and tells no two groups of requests apart. */
const LONGEST_PAIR = 128

/** Throws `invalid_json` where the field does not parse. */
export function labelsIn(scan: JsonScan): Labels {
  const metadata = scan.fields.has('metadata') ? readField(scan, 'metadata') : undefined
  if (typeof metadata !== 'object' || metadata === null || Array.isArray(metadata)) return NONE
  const { user_id: user, ...others } = metadata as Record<string, unknown> // an object and no list
  const tags = Object.entries(others).flatMap(([name, value]) => (isPlain(value) ? [`${name}:${value}`] : []))
  const short = tags.filter((tag) => tag.length <= LONGEST_PAIR).slice(0, MOST_TAGS)
  return { ...(typeof user === 'string' && user !== '' && { user }), tags: short }
}

const isPlain = (value: unknown): value is string | number | boolean => ['string', 'number', 'boolean'].includes(typeof value)

/** The header's tags, or the key's own where it sends none, and then the body's. */
export function tagsOf(inbound: Inbound, { key }: Caller, labels: Labels = NONE): readonly string[] {
  const sent = inbound.header('x-tollgate-tags')
  const tags = sent === undefined ? (key.defaults?.tags ?? []) : listed(sent)
  return labels.tags.length === 0 ? tags : [...new Set([...tags, ...labels.tags])].slice(0, MOST_TAGS)
}

const listed = (sent: string): readonly string[] =>
  sent
    .split(',', MOST_TAGS)
    .map((tag) => tag.trim().slice(0, LONGEST_HEADER_TAG))
    .filter((tag) => tag !== '')
