import { z } from 'zod'

/** The admin API, wherever it runs: `path` begins below `/admin/v1`. Never rejects for what the API itself refuses. */
export type Api = (method: string, path: string, body?: unknown) => Promise<Reply>

export interface Reply {
  readonly status: number
  /** The JSON of the answer; of NDJSON its lines, as they come. */
  readonly body: unknown
}

/** What an answer says, wherever it comes from; what is no JSON is its text. */
export async function replyOf(response: Response): Promise<Reply> {
  const { status, headers, body } = response
  if (body && headers.get('content-type') === 'application/x-ndjson') return { status, body: linesOf(body) }
  return { status, body: parsed(await response.text()) }
}

async function* linesOf(body: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder()
  let held = ''
  for await (const piece of body) {
    const lines = (held + decoder.decode(piece, { stream: true })).split('\n')
    held = lines.pop() ?? ''
    yield* lines
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

/** The API said no; its own words are what the operator sees. */
export class Refused extends Error {
  readonly body: unknown

  constructor({ status, body }: Reply) {
    const { success, data } = envelope.safeParse(body)
    super(success ? data.error.message : `The gateway answered ${status} without saying why. Does the URL lead to a Tollgate?`)
    this.name = 'Refused'
    this.body = body
  }
}

/** The words of the command do not fit together; nothing was done. */
export class Misused extends Error {
  override readonly name = 'Misused'
}

export interface Request {
  readonly method: string
  readonly path: string
}

/** to`GET /tenants/${slug}`: what is filled in is one segment of the path, whatever it holds. */
export function to([start = '', ...rest]: TemplateStringsArray, ...segments: readonly string[]): Request {
  const [method = '', path = ''] = start.split(' ')
  return { method, path: path + rest.map((text, at) => segment(segments[at] ?? '') + text).join('') }
}

/** The same request with a query; what is undefined is left out. */
export function asking({ method, path }: Request, query: Readonly<Record<string, string | undefined>>): Request {
  const given = Object.entries(query).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]]))
  return { method, path: given.length === 0 ? path : `${path}?${new URLSearchParams(given)}` }
}

// The path's own dots would be taken for steps up and down (RFC 3986 5.2.4), encoded or not.
function segment(text: string): string {
  if (text === '' || text === '.' || text === '..') throw new Misused(`"${text}" names nothing.`)
  return encodeURIComponent(text)
}

const envelope = z.object({ error: z.object({ message: z.string() }) })
