import type { DialectEdits } from './edits.ts'
import type { ChatHub, Family, Hub } from './family.ts'
import type { Framing, Step } from './frame.ts'
import type { ProviderFailure } from './provider-failure.ts'
import type { Quirks } from './quirks.ts'
import type { Sent } from './sent.ts'

export type { Frame, Framing, Splitter, Step } from './frame.ts'
export type { ProviderFailure } from './provider-failure.ts'

/** One event of a server-sent stream: `event` is undefined where the provider sent none. */
export interface SseEvent {
  event?: string
  data: string
}

/**
 * What a provider says it used, in one convention: `input` counts every prompt token (cached and written ones too), `output` every
 * generated token (reasoning too); the rest are parts of those two. A field that is absent was not told: absent is not zero.
 */
export interface Usage {
  input?: number
  output?: number
  cacheRead?: number
  cacheWrite?: number
  /** The part of `cacheWrite` with a life of one hour. */
  cacheWrite1h?: number
  reasoning?: number
  audioInput?: number
  audioOutput?: number
  images?: number
  seconds?: number
  searches?: number
  /** Of text that was spoken. */
  characters?: number
  /** `service_tier` as the provider reports it. */
  serviceTier?: string
  /** Tokens that are billed, where the provider bills others than it counts. */
  billed?: { readonly input?: number | undefined; readonly output?: number | undefined }
  /** What the provider says it takes, in US dollars as its own decimal text or number, e.g. OpenRouter's `usage.cost`. */
  providerCost?: number
  /** The provider's own usage object, kept for the books. */
  raw?: unknown
}

/** What becomes of a hub parameter on its way to a dialect. A dropped one is really removed and named to the client. */
export type ParamFate = 'mapped' | 'dropped' | 'refused'

export interface UpstreamCall {
  model: string
  stream: boolean
}

/** A wire format as providers speak it. Pure: no I/O, no clock; ids and times the format needs come from `Encoding`. */
export interface UpstreamDialect<H extends Hub = ChatHub> {
  readonly id: DialectId
  /** The name that an operator gives it by, where another dialect has the id: the same words in another envelope. */
  readonly named?: string
  /** `chat` where absent. */
  readonly family?: Family
  /** The path below the provider's base URL, with the model's name percent-encoded where it is part of it. */
  path(call: UpstreamCall): string
  /** The model that a path of the provider's own API names, decoded and without its query, where this format writes models so. */
  modelIn?(path: string): string | undefined
  /** Every hub parameter by name; a dot steps into a list of messages, parts or tools: `messages.name`. */
  readonly params: Readonly<Record<string, ParamFate>>
  /** What becomes of a parameter that `params` does not list: `dropped` where absent. */
  readonly unlisted?: ParamFate
  /** Parameters that only providers with one of these quirks take: dropped and named for all others. */
  readonly onlyWith?: Readonly<Record<string, readonly (keyof Quirks)[]>>
  /** Parameters that this model does not take, or not after what was said, though others of this dialect do: dropped and named. */
  lostOn?(request: H['request'], quirks: Quirks): readonly string[]
  /** The body to send. Throws `GatewayError('invalid_value')` naming the parameter where the hub request cannot be said in this dialect. */
  encodeRequest(request: H['request'], context: EncodeContext): object
  /** Throws `upstream_error` for an error that came with status 200, `upstream_protocol_error` for a body that is no answer. */
  decodeResponse(body: unknown, context: DecodeContext<H>): H['response']
  /**
   * Chunks of one answer; `end()` gives what a finished stream still owes (its finish and usage chunks), never an invented finish
   * reason. `push` throws as `decodeResponse` does.
   */
  decodeStream(context: DecodeContext<H>): Step<SseEvent, H['chunk']>
  /** True of a whole answer in which the model, or a filter before it, will not speak of this. */
  isRefusal?(body: unknown): boolean
  /** The failure inside an error body, whatever its status; undefined where the body is not this dialect's error. Some tell its type in a header. */
  decodeError(body: unknown, headers?: Readonly<Record<string, string>>): ProviderFailure | undefined
  /** Whether an error is in this dialect's own shape, so that its bytes may pass; absent: `{"error":{"message"}}` is. */
  isOwnError?(body: unknown): boolean
  /**
   * Usage in one JSON answer or one stream event; undefined where it holds none. Numbers that cannot be true (negative, not finite)
   * are left out. A stream tells it in parts or again and again: `mergeUsage` puts them together. Some tell it in a header of a whole answer.
   */
  readUsage(payload: unknown, quirks?: Quirks, headers?: Readonly<Record<string, string>>): Usage | undefined
  /** Text that stands in every event with usage. Absent: `"usage":{` or `"usageMetadata":{`. */
  readonly usageMark?: string
  /** Absent: server-sent events. */
  readonly framing?: Framing
  /** How a stream of this dialect says that it is complete. */
  readonly ending: StreamEnding
  /** Request headers that belong to the format, e.g. `anthropic-beta`: passed on between two sides that both speak it. */
  readonly headers?: readonly string[]
  /** Answers may be other than JSON, e.g. sound, and pass as they come. */
  readonly bytes?: true
  /** Its providers keep answers under their ids, unless a request says `store: false`, and go on from them where another one names them. */
  readonly keeps?: true
  readonly edits: DialectEdits
}

/** What ends a stream truthfully; used by the meter on raw events, so each reads text and parses nothing. */
export interface StreamEnding {
  /** True of the event after which nothing follows, e.g. `[DONE]` or `message_stop`. */
  isTerminal(event: SseEvent): boolean
  /** True of an event that carries a finish reason: a clean end of the socket after it is a complete answer. */
  isFinish(event: SseEvent): boolean
  /** Each event of which one of the above is true holds one of these (global). Absent: each event is read. */
  readonly marks?: readonly RegExp[]
}

/** Where a request of this dialect tells what judging must know; read from one scan, without parsing the rest. */
export interface Glance {
  /** The top-level field that holds the conversation: an attachment's key elsewhere is only a name. */
  readonly content: string
  /** Keys of attachments, and what a model must be able to do for one; `near` is the text that follows the key. */
  readonly attachments: Readonly<Record<string, (near: string) => Need | undefined>>
  read(top: Top): Glanced
}

export type Need = 'tools' | 'vision' | 'audio' | 'files' | 'json_schema'

/** Top-level fields by name, undefined where absent or null; each throws `invalid_value` naming a field of another type. */
export interface Top {
  text(name: string): string | undefined
  flag(name: string): boolean | undefined
  /** A whole number of at least 1. */
  count(name: string): number | undefined
  object(name: string): Readonly<Record<string, unknown>> | undefined
  /** True of a list with something in it, which is not parsed. */
  filled(name: string): boolean
}

export interface Glanced {
  /** Undefined: missing, or told by the path. */
  readonly model: string | undefined
  readonly stream: boolean | undefined
  readonly maxOutput: number | undefined
  /** How many answers to one prompt. */
  readonly choices?: number | undefined
  readonly tools: boolean
  readonly jsonSchema: boolean
  readonly user: string | undefined
  /** `stream_options` as sent; only OpenAI's chat has it. */
  readonly streamOptions?: Readonly<Record<string, unknown>> | undefined
  /** Characters to be spoken: who speaks is paid by them, and its answers are sound that counts nothing. */
  readonly characters?: number | undefined
}

/** A wire format as clients speak it. */
export interface IngressDialect<H extends Hub = ChatHub> {
  readonly id: DialectId
  /** `chat` where absent. */
  readonly family?: Family
  readonly glance: Glance
  /** Requests may come as multipart forms. */
  readonly form?: true
  /** Answers in it may be kept by the provider that gave them. */
  readonly keeps?: true
  /** The dialect that a request is really in, where clients post one here that differs from what the path is for. */
  instead?(sent: Sent): IngressDialect<H> | undefined
  /** The dialect of its requests, where its answers are another's. */
  readonly asks?: DialectId
  decodeRequest(body: unknown): H['request']
  /** `request` is what was asked, as `decodeRequest` gave it, for protocols whose answers echo it. */
  encodeResponse(response: H['response'], request?: H['request']): object
  encodeStream(context: StreamContext<H>): Step<H['chunk'], SseEvent>
  /** The error object of this protocol, `metadata` where it has room for it. */
  encodeError(failure: ErrorView): object
  /** The frame that tells of a failure after the stream began. */
  encodeStreamError(failure: ErrorView): SseEvent
}

export type DialectId = 'openai-chat' | 'openai-responses' | 'anthropic-messages' | 'gemini' | (string & {})

export interface EncodeContext {
  stream: boolean
  /** The most output tokens the model takes, for dialects where a limit is required and the client gave none. */
  maxOutput?: number
  /** Whether the model reasons, where the catalogue knows. */
  reasons?: boolean
  /** How this provider departs from its dialect; see `Quirks`. */
  quirks: Quirks
}

export interface DecodeContext<H extends Hub = ChatHub> {
  /** Ids for answers of formats that have none: the request's id. */
  requestId: string
  /** Unix seconds. */
  created: number
  model: string
  quirks: Quirks
  /** What was asked, for formats whose answers cannot be told apart without it. */
  request?: H['request']
}

export interface StreamContext<H extends Hub = ChatHub> {
  requestId: string
  created: number
  model: string
  /** Whether the client asked for the last usage chunk (`stream_options.include_usage`). */
  includeUsage: boolean
  /** What was asked, as `decodeRequest` gave it, for protocols whose answers echo it. */
  request?: H['request']
}

/** All a dialect needs to render an error; built only from the error table and a `GatewayError`. */
export interface ErrorView {
  status: number
  code: string
  type: string
  message: string
  param?: string
  requestId: string
  metadata: Record<string, unknown>
}
