import type { Offer } from '../contract/decision.ts'
import { wordsOf } from '../contract/edits.ts'
import { isUsual, refusedBy } from '../contract/params.ts'
import type { Peeked } from '../peek.ts'
import type { JsonEdit } from '../wire/json-edit.ts'
import { readField } from '../wire/json-scan.ts'

export interface Passing {
  readonly peeked: Peeked
  readonly offer: Offer
  /** A header of the client's, by its lower-case name. */
  header(name: string): string | undefined
}

/** What is edited in a body that passes, and what of it is to be told the client. */
export interface Declared {
  readonly edits: JsonEdit[]
  readonly changed: string[]
}

/** The only edits of the byte lane: the wire model, usage asked for, and what this provider is known to refuse. */
export function declaredEdits(passing: Passing): Declared {
  const { peeked, offer } = passing
  const { ask, scan, streamOptions } = peeked
  const { wireModel, provider } = offer
  const { quirks, dialect } = provider
  const declared: Declared = { edits: [], changed: [] }
  const { edits } = declared
  const { inPath, always, listed, items } = dialect.edits
  if (inPath) for (const name of inPath) if (scan.fields.has(name)) edits.push({ drop: name })
  if (always) for (const [set, json] of Object.entries(always)) edits.push({ set, json })
  if (listed) takeListed(listed, passing, declared)
  if (dialect.edits.model && peeked.written !== wireModel) edits.push({ set: 'model', json: JSON.stringify(wireModel) })
  if (items && ask.model !== wireModel)
    edits.push({ set: items.field, json: renamed(readField(scan, items.field), items.model(wireModel)) })
  if (dialect.edits.usage && ask.stream && !peeked.includeUsage && quirks.usageInStreaming !== false) {
    edits.push({ set: 'stream_options', json: JSON.stringify({ ...streamOptions, include_usage: true }) })
  }
  keepHabits(habitsOf(provider), peeked.scan, declared)
  return declared
}

/** What a provider takes under another name, or not at all. */
interface Habits {
  readonly refused: readonly string[]
  readonly renamed: readonly { readonly name: string; readonly to: string }[]
}

const known = new WeakMap<Offer['provider'], Habits>()

/** Made once for each provider, for nearly every body is looked through for them. */
function habitsOf(provider: Offer['provider']): Habits {
  let habits = known.get(provider)
  if (!habits) known.set(provider, (habits = { refused: refusedBy(provider.quirks), renamed: renamesFor(provider) }))
  return habits
}

function renamesFor({ quirks: { maxTokensField = 'either', seedField }, dialect }: Offer['provider']): Habits['renamed'] {
  const limit = maxTokensField === 'max_tokens' ? 'max_completion_tokens' : 'max_tokens'
  return [
    ...(maxTokensField !== 'either' && dialect.edits.maxTokens ? [{ name: limit, to: maxTokensField }] : []),
    ...(seedField === undefined ? [] : [{ name: 'seed', to: seedField }]),
  ]
}

function keepHabits({ refused, renamed }: Habits, scan: Peeked['scan'], { edits, changed }: Declared): void {
  for (const name of refused) {
    if (!scan.fields.has(name) || isUsual(name, readField(scan, name))) continue
    edits.push({ drop: name })
    changed.push(name)
  }
  for (const { name, to } of renamed) {
    if (!scan.fields.has(name)) continue
    edits.push(scan.fields.has(to) ? { drop: name } : { rename: name, to })
    changed.push(`${name} -> ${to}`)
  }
}

/** The words of the client's header that this format takes, in the body where it has a field for them. */
function takeListed(
  listed: NonNullable<Offer['provider']['dialect']['edits']['listed']>,
  { peeked: { scan }, header }: Passing,
  { edits, changed }: Declared,
): void {
  const said = header(listed.header)
  if (!said) return
  const { taken, lost } = wordsOf(listed, said)
  const { field } = listed
  if (field !== undefined) {
    const inBody: unknown = scan.fields.has(field) ? readField(scan, field) : undefined
    const all = new Set<unknown>([...(Array.isArray(inBody) ? inBody : []), ...taken])
    if (all.size > 0) edits.push({ set: field, json: JSON.stringify([...all]) })
  }
  for (const word of lost) changed.push(`${listed.header}: ${word}`)
}

/** The list with this model in each of its items; a list that is none is the provider's to refuse. */
function renamed(list: unknown, model: string): string {
  const items: unknown[] = Array.isArray(list) ? list : [list]
  const named = items.map((item) => (typeof item === 'object' && item !== null ? { ...item, model } : item))
  return JSON.stringify(Array.isArray(list) ? named : named[0])
}
