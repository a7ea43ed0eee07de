// What judging must know of a body, read in one scan. Nothing else of it is parsed.

import type { Ask } from './contract/decision.ts'
import type { DialectId, Glance, Glanced, IngressDialect, Need, Top, UpstreamDialect } from './contract/dialect.ts'
import type { Hub } from './contract/family.ts'
import type { Form } from './contract/form.ts'
import type { Inbound, Sizes } from './contract/gateway.ts'
import type { Load, Passage } from './contract/passage.ts'
import { GatewayError } from './errors.ts'
import { type Labels, labelsIn } from './peek/tags.ts'
import { type JsonScan, readField, scanJson } from './wire/json-scan.ts'

export interface Peeked {
  readonly ask: Ask
  /** What the body is in: mostly what its path is for. */
  readonly ingress: IngressDialect<Hub>
  readonly scan: JsonScan
  /** The request is this form, and `scan` is of an empty object. */
  readonly form?: Form
  /** The request goes to the provider's own API as it is, and `scan` is of its body where that is JSON. */
  readonly carried?: Carried
  /** The provider may keep the answer under its id. */
  readonly keeps?: true
  /** What a provider keeps and the request goes on from, as the client named it: an answer, or else what only an account of its own can hold. */
  readonly from?: { readonly id: string; readonly answer: boolean }
  /** The client wants the stream's last usage chunk for itself. */
  readonly includeUsage: boolean
  /** `stream_options` as the client sent it, where it did. */
  readonly streamOptions: Glanced['streamOptions']
  readonly user: string | undefined
  readonly labels?: Labels
  /** Characters to be spoken, where that is asked. */
  readonly characters: number | undefined
  /** The model as the body has it; the path may have said another. */
  readonly written: string | undefined
}

/** What goes by untouched: asked, and sent. */
export interface Carried {
  readonly passage: Passage
  readonly load: Load | undefined
  /** Reads the usage of what is asked here, where that is known. */
  readonly dialect?: UpstreamDialect<Hub>
  /** The path is below this dialect's place; below the provider's base URL where absent. */
  readonly below?: DialectId
}

/** Throws what `scanJson` throws, and `invalid_value` naming a field that judging needs and cannot use. */
export function peek(inbound: Inbound, body: Buffer, sizes: Sizes): Peeked {
  const scan = scanFor(inbound.ingress, body, sizes)
  const other = inbound.ingress.instead?.({ has: (field) => scan.fields.has(field), header: (name) => inbound.header(name) })
  return other ? peekIn(other, inbound, scanFor(other, body, sizes)) : peekIn(inbound.ingress, inbound, scan)
}

/** A form tells its model; what else it holds goes by as it is sent on. Throws `invalid_value` where it names none. */
export function peekForm(inbound: Inbound, form: Form): Peeked {
  const { ingress, endpoint, asked } = inbound
  if (asked.model !== undefined && asked.model !== form.model)
    throw new GatewayError('invalid_value', `The path names the model ${asked.model}, and the form another: name one.`, { param: 'model' })
  const ask: Ask = {
    ...{ endpoint, model: form.model || missingModel(), stream: false, needs: {}, inputTokens: 0, leastTokens: 0 },
    ...(ingress.family && { family: ingress.family }),
    ...(inbound.header('x-tollgate-pay') === 'tenant' && { pay: 'tenant' }),
  }
  const user = inbound.header('x-tollgate-user')
  const untold = { includeUsage: false, streamOptions: undefined, characters: undefined }
  return { ask, ingress, scan: EMPTY, form, user, written: form.model, ...untold }
}

const EMPTY = scanJson(Buffer.from('{}'))

function scanFor({ glance }: IngressDialect<Hub>, body: Buffer, { jsonDepth, jsonTokens }: Sizes): JsonScan {
  return scanJson(body, { limits: { depth: jsonDepth, tokens: jsonTokens }, marks: Object.keys(glance.attachments) })
}

function peekIn(ingress: IngressDialect<Hub>, inbound: Inbound, scan: JsonScan): Peeked {
  const { glance } = ingress
  const glanced = glance.read(new TopFields(scan))
  const parts = partsOf(scan, glance)
  const inputTokens = estimateTokens(scan, parts)
  const ask: Ask = {
    endpoint: inbound.endpoint,
    ...(ingress.family && { family: ingress.family }),
    model: (inbound.asked.model ?? glanced.model) || missingModel(),
    stream: inbound.asked.stream ?? glanced.stream ?? false,
    needs: { ...parts.needs, ...(glanced.tools && { tools: true }), ...(glanced.jsonSchema && { json_schema: true }) },
    ...(glanced.maxOutput !== undefined && { maxOutput: glanced.maxOutput }),
    ...(glanced.choices !== undefined && { choices: glanced.choices }),
    inputTokens,
    leastTokens: parts.count > 0 ? 0 : leastTokensOf(scan, glance.content),
    ...(inbound.header('x-tollgate-pay') === 'tenant' && { pay: 'tenant' }),
    ...(readField(scan, 'background') === true && { background: true }),
  }
  const { streamOptions, characters, model: written } = glanced
  const labels = labelsIn(scan)
  const user = inbound.header('x-tollgate-user') ?? glanced.user ?? labels.user
  const includeUsage = streamOptions?.['include_usage'] === true
  return { ask, ingress, scan, includeUsage, streamOptions, user, labels, characters, written, ...keptBy(ingress, scan) }
}

/** In whatever dialect a request is: one may be put into the words of a provider that keeps things. */
function keptBy({ keeps }: IngressDialect<Hub>, scan: JsonScan): Pick<Peeked, 'keeps' | 'from'> {
  const conversation = readField(scan, 'conversation') ?? undefined
  const previous = new TopFields(scan).text('previous_response_id')
  const from = conversation === undefined ? previous && { id: previous, answer: true } : { id: nameOf(conversation), answer: false }
  return { ...(keeps && readField(scan, 'store') !== false && { keeps }), ...(from && { from }) }
}

const nameOf = (conversation: unknown): string => String(typeof conversation === 'object' ? Object(conversation).id : conversation)

function missingModel(): never {
  const sentence = 'The field model is missing or empty: name a model, e.g. "openai/gpt-5-mini".'
  throw new GatewayError('invalid_value', sentence, { param: 'model' })
}

interface Parts {
  readonly needs: { [need in Need]?: true }
  readonly count: number
  /** Bytes that are attachments rather than text. */
  readonly bytes: number
}

const NO_PARTS: Parts = { needs: {}, count: 0, bytes: 0 }

function partsOf({ body, marks, fields }: JsonScan, { content, attachments }: Glance): Parts {
  const field = fields.get(content)
  if (marks.length === 0 || !field) return NO_PARTS
  const needs: Parts['needs'] = {}
  const inside = marks.filter(({ at }) => at >= field.valueStart && at < field.valueEnd)
  let bytes = 0
  for (const { name, at } of inside) {
    const need = attachments[name]?.(body.toString('latin1', at, at + NEAR))
    if (need) needs[need] = true
    bytes += attachedBytes(body, at)
  }
  return { needs, count: inside.length, bytes }
}

/** Bytes after an attachment's key within which its media type stands and its data begins. */
const NEAR = 256

/** The length of the base64 text that follows a key closely, if one does: the longest string that begins nearby. */
function attachedBytes(body: Buffer, at: number): number {
  let longest = 0
  let quote = body.indexOf(QUOTE, at)
  while (quote >= 0 && quote - at < NEAR) {
    const next = body.indexOf(QUOTE, quote + 1)
    if (next < 0) break
    longest = Math.max(longest, next - quote)
    quote = next
  }
  return longest > NEAR ? longest : 0
}

const QUOTE = 0x22
const BYTES_PER_TOKEN = 4
const TOKENS_PER_ATTACHMENT = 1000

function estimateTokens({ body }: JsonScan, { bytes, count }: Parts): number {
  return Math.ceil((body.length - bytes) / BYTES_PER_TOKEN) + TOKENS_PER_ATTACHMENT * count
}

/** More than any tokenizer packs into a token, runs of blanks included; with attachments nothing is certain. */
const MOST_BYTES_PER_TOKEN = 128

function leastTokensOf({ fields }: JsonScan, content: string): number {
  const field = fields.get(content)
  return field ? Math.floor((field.valueEnd - field.valueStart) / MOST_BYTES_PER_TOKEN) : 0
}

class TopFields implements Top {
  readonly #scan: JsonScan

  constructor(scan: JsonScan) {
    this.#scan = scan
  }

  text(name: string): string | undefined {
    return this.#read(name, 'a string', (value): value is string => typeof value === 'string')
  }

  flag(name: string): boolean | undefined {
    return this.#read(name, 'true or false', (value): value is boolean => typeof value === 'boolean')
  }

  count(name: string): number | undefined {
    return this.#read(name, 'a whole number of at least 1', (value): value is number => Number.isSafeInteger(value) && Number(value) >= 1)
  }

  object(name: string): Readonly<Record<string, unknown>> | undefined {
    return this.#read(name, 'an object', (value): value is Record<string, unknown> => typeof value === 'object' && !Array.isArray(value))
  }

  filled(name: string): boolean {
    const field = this.#scan.fields.get(name)
    if (!field) return false
    const start = this.#scan.body.toString('latin1', field.valueStart, Math.min(field.valueEnd, field.valueStart + 16))
    return start.startsWith('[') && !/^\[\s*\]/.test(start)
  }

  /** A field's value where it is there and not null; one of another type is refused by name. */
  #read<T>(name: string, what: string, is: (value: unknown) => value is T): T | undefined {
    const value = readField(this.#scan, name)
    if (value === undefined || value === null) return undefined
    if (is(value)) return value
    throw new GatewayError('invalid_value', `The field ${name} must be ${what}.`, { param: name })
  }
}
