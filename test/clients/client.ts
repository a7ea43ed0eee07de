import { z } from 'zod'
import type { Vendor } from './world.ts'

/** A client as apps install it, and all that the matrix asks of it. */
export interface Client {
  /** As the page names it. */
  readonly name: string
  /** The package whose version the page tells. */
  readonly package: string
  /** The provider that the client is made for. */
  readonly vendor: Vendor
  /** How it is pointed at the gateway, for the page. */
  readonly pointed: string
  /** Cells that cannot pass, and why: what the client itself cannot do, or what the gateway does not offer. */
  readonly gaps?: Gaps
  connect(gate: Gate): Conversation
}

export type Gaps = { readonly [cell in `${Family}: ${Feature}`]?: string }

/** What becomes of thoughts in a client that sends back only the fields of chat completions that it knows. */
export const FORGOTTEN = 'the client keeps nothing that marks a thought (`reasoning_details`); the turn goes on without it'

/** The client's own vendor, and those of the three great dialects. */
export const FAMILIES = ['own', 'openai', 'anthropic', 'google'] as const
export type Family = (typeof FAMILIES)[number]

export const FEATURES = [
  'text',
  'stream',
  'streamed usage',
  'tools',
  'streamed tools',
  'thoughts',
  'kept thoughts',
  'structured output',
  'errors',
] as const
export type Feature = (typeof FEATURES)[number]

export interface Gate {
  /** `http://127.0.0.1:port`, without any path. */
  readonly url: string
  /** A tenant's gateway key. */
  readonly key: string
}

/** Each holds one conversation with the model and tells what the app would see. */
export interface Conversation {
  text(model: string): Promise<Heard>
  stream(model: string): Promise<Heard>
  /** The model calls the tool, is told its result, and answers. */
  tools(model: string, tool: Tool): Promise<string>
  streamedTools(model: string, tool: Tool): Promise<string>
  /** The same with `prompt`, where thoughts are asked for in the client's way. */
  thoughts(model: string, asked: Puzzle): Promise<string>
  /** An answer in the shape of `Wind`, as the client itself parsed it. */
  structured(model: string): Promise<unknown>
  /** Says `prompt` and gives what was thrown, where it is of the client's own class for failures of the API. */
  refused(model: string, prompt: string): Promise<Refusal>
}

export interface Heard {
  readonly text: string
  readonly input: number | undefined
  readonly output: number | undefined
}

export interface Refusal {
  readonly status: number | undefined
  readonly message: string
}

export interface Puzzle {
  readonly prompt: string
  readonly tool: Tool
  readonly stream: boolean
}

/** The tool under its name; runs with the arguments that the client parsed. */
export type Tool = (args: unknown) => string

export const PROMPT = 'How does the wind blow?'
export const TOOL_PARAMETERS = {
  type: 'object' as const,
  properties: { harbour: { type: 'string' }, day: { type: 'string' } },
  required: ['harbour', 'day'] as string[],
  additionalProperties: false,
}
export const Harbour = z.object({ harbour: z.string(), day: z.string() })
export const TOOL_DESCRIPTION = 'The tide at a harbour'
export const Wind = z.object({ knots: z.number() })

/** The error that asking must end in; any other is no answer at all. */
export async function thrownBy<E>(asking: () => Promise<unknown>, Own: abstract new (...args: never[]) => E): Promise<E> {
  const thrown = await asking().then(
    () => new Error('It was answered.'),
    (error: unknown) => error,
  )
  if (thrown instanceof Own) return thrown
  throw thrown
}
