import type { z } from 'zod'
import { GatewayError } from '../errors.ts'
import { type Api, Refused, type Request } from './api.ts'
import type { Local, Serve } from './local.ts'
import { type Paint, printable } from './table.ts'
import type { Terminal } from './terminal.ts'

/** A word of the command line with verbs of its own. */
export interface Noun {
  readonly name: string
  readonly does: string
  readonly verbs: readonly Verb[]
}

/** One command: what it is called, what it takes, what it does. */
export interface Verb {
  /** `create <slug>`, as commander reads it. */
  readonly use: string
  readonly does: string
  readonly options?: readonly Option[]
  /** Whole command lines without `tollgate`. */
  readonly examples: readonly [string, ...string[]]
  /** Works on this machine's files, so there is no `--url`. */
  readonly local?: boolean
  run(call: Call): Promise<Outcome>
}

/** `--plan <plan>` takes a value, `--dry-run` takes none. */
export interface Option {
  readonly flags: string
  readonly means: string
  readonly required?: boolean
}

/** A command as it was typed, and what it may use. */
export interface Call {
  /** What stands where `use` has `<…>`. */
  readonly args: readonly string[]
  /** An option's value; undefined where it was not given. */
  text(option: string): string | undefined
  /** Was an option without a value given? */
  on(option: string): boolean
  readonly api: Api
  local(): Promise<Local>
  readonly serve: Serve
  readonly terminal: Terminal
  readonly paint: Paint
}

export interface Outcome {
  /** What `--json` prints: the API's answer as it came; undefined where that was printed on the way. */
  readonly json: unknown
  readonly text: string
  /** The command did what it should and found something wrong: exit 1. */
  readonly wrong?: boolean
}

/** An answer of the API, exact and as this command reads it. */
export interface Answer<T> {
  readonly json: unknown
  readonly value: T
}

/** Throws `Refused` where the API does. */
export async function ask<T>(api: Api, { method, path, body }: Request & { body?: unknown }, schema: z.ZodType<T>): Promise<Answer<T>> {
  const reply = await api(method, path, body)
  if (reply.status >= 400) throw new Refused(reply)
  const read = schema.safeParse(printable(reply.body))
  if (read.success) return { json: reply.body, value: read.data }
  throw new GatewayError(
    'upstream_protocol_error',
    'The answer is none of this version of Tollgate. Does the URL lead to a gateway, and is it as new?',
  )
}

export const told = <T>({ json, value }: Answer<T>, say: (value: T) => string): Outcome => ({ json, text: say(value) })

/** `a,b` and `a, b` are two. */
export function listOf(text: string | undefined): string[] | undefined {
  return text?.split(',').map((item) => item.trim())
}
