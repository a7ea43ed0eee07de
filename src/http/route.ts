import { z } from 'zod'
import type { Scope } from '../desk/operator.ts'
import { GatewayError } from '../errors.ts'

/** One route, described once: what serves it and what documents it are the same object. */
export interface Route<Context> extends Description {
  /** Parses what came and answers; `context` is whoever was let in and what he works with. */
  run(context: Context, input: RawInput): Promise<Answered>
}

export type Answered = { readonly status: 200 | 201; readonly body: unknown } | Lines<unknown> | Sheet

export interface Description {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** As OpenAPI writes it: `/tenants/{tenant}`. */
  readonly path: string
  /** What the caller's key must be allowed. */
  readonly scope: Scope | undefined
  readonly summary: string
  readonly query: z.ZodObject
  readonly body: z.ZodType | undefined
  /** Bytes of a body; a mebibyte where not given. */
  readonly mostBytes?: number | undefined
  readonly answer: z.ZodType
  /** The answer is what each line of NDJSON holds. */
  readonly lines?: true
  /** The answer comes as CSV, too. */
  readonly csv?: true
  readonly statuses: readonly (200 | 201)[]
}

export interface RawInput {
  readonly params: Readonly<Record<string, string>>
  readonly query: Readonly<Record<string, string>>
  readonly body: unknown
  /** CSV is asked for. */
  readonly csv?: boolean
}

/** An answer as CSV. */
export class Sheet {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }
}

/** An answer that tells of something new: 201. */
export class Created<Body> {
  readonly body: Body

  constructor(body: Body) {
    this.body = body
  }
}

/** An answer of any length, a line each, sent as it is read. What fails on the way cuts it off, so its end is a line of its own. */
export class Lines<Line> {
  readonly each: AsyncIterable<Line>

  constructor(each: AsyncIterable<Line>) {
    this.each = each
  }
}

type ParamsOf<Path extends string> = Path extends `${string}{${infer Name}}${infer Rest}`
  ? { readonly [K in Name]: string } & ParamsOf<Rest>
  : unknown

export interface Definition<Context, Path extends string, Query extends z.ZodObject, Body extends z.ZodType, Answer extends z.ZodType> {
  readonly method: Description['method']
  readonly path: Path
  readonly scope?: Scope
  readonly summary: string
  readonly query?: Query
  readonly body?: Body
  readonly mostBytes?: number
  readonly answer: Answer
  readonly lines?: true
  /** The answer as CSV, where somebody asks for that. */
  sheet?(answer: z.input<Answer>): string
  readonly statuses?: Description['statuses']
  handle(
    context: Context,
    input: { readonly params: ParamsOf<Path>; readonly query: z.output<Query>; readonly body: z.output<Body> },
  ): Promise<z.input<Answer> | Created<z.input<Answer>> | Lines<z.input<Answer>>>
}

const NO_QUERY = z.strictObject({})

/** The route of a definition, its types checked against its own schemas and then forgotten. */
export function route<Context>() {
  return <
    Path extends string,
    Answer extends z.ZodType,
    Query extends z.ZodObject = typeof NO_QUERY,
    Body extends z.ZodType = z.ZodUnknown,
  >(
    definition: Definition<Context, Path, Query, Body, Answer>,
  ): Route<Context> => {
    const { query = NO_QUERY, body, scope, statuses = [200], handle, sheet, ...described } = definition
    return {
      ...described,
      ...{ scope, query, body, statuses },
      ...(sheet && { csv: true }),
      async run(context, input) {
        const answered = await handle(context, {
          params: input.params as ParamsOf<Path>, // the router fills in every name of the path
          query: parse(query, input.query) as z.output<Query>, // either the schema given or the one that takes nothing
          body: (body && parse(body, input.body)) as z.output<Body>, // undefined, and unknown to the handler, where no schema is given
        })
        if (answered instanceof Lines) return answered
        if (input.csv && sheet && !(answered instanceof Created)) return new Sheet(sheet(answered))
        return answered instanceof Created ? { status: 201, body: answered.body } : { status: 200, body: answered }
      },
    }
  }
}

const MOST_COMPLAINTS = 5

function parse<Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> {
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  const complaints = parsed.error.issues.slice(0, MOST_COMPLAINTS).map(complaint)
  throw new GatewayError('invalid_value', complaints.map(({ words }) => words).join(' '), { param: complaints[0]?.param })
}

/** By place and kind, never by value: it may be a secret in the wrong place. */
function complaint(issue: z.core.$ZodIssue): { param: string; words: string } {
  const unknown = issue.code === 'unrecognized_keys' ? issue.keys : []
  const param = [...issue.path.map(String), ...unknown.slice(0, 1)].join('.')
  if (unknown.length > 0) return { param, words: `There is no field ${unknown.map((key) => JSON.stringify(brief(key))).join(', ')} here.` }
  return { param, words: `${param === '' ? 'The request' : param}: ${issue.message}.` }
}

const brief = (name: string): string => (name.length > 64 ? `${name.slice(0, 63)}…` : name)
