import type { Hono } from 'hono'
import { GatewayError } from '../errors.ts'
import { scanJson } from '../wire/json-scan.ts'
import { refuseOtherMedia } from './inbound.ts'
import { closeUnread, type Env, type Http } from './node.ts'
import { Lines, type Route, Sheet } from './route.ts'

/** Bytes of a body; few routes need more. */
const MOST_BYTES = 1024 * 1024

/** Serves the routes; `admit` lets the caller in, or throws, before anything of what he sent is read. */
export function serveRoutes<Context>(
  app: Hono<Env>,
  routes: readonly Route<Context>[],
  { admit, requestId }: { admit(c: Http, route: Route<Context>, requestId: string): Context; requestId(c: Http): string },
): void {
  for (const one of routes) {
    app.on(one.method, honoPath(one.path), async (c) => {
      const id = requestId(c)
      const context = admit(c, one, id)
      const { query, csv } = one.csv ? formatOf(c, queryOf(c)) : { query: queryOf(c), csv: false }
      const input = { params: c.req.param(), query, csv, body: one.body && (await bodyOf(c, one.mostBytes ?? MOST_BYTES)) }
      const headers = { 'x-request-id': id, 'cache-control': 'no-store' }
      const answered = await one.run(context, input)
      if (answered instanceof Lines) return c.body(ndjson(answered), 200, { ...headers, 'content-type': 'application/x-ndjson' })
      if (answered instanceof Sheet) return c.body(answered.text, 200, { ...headers, 'content-type': 'text/csv; charset=utf-8' })
      return c.json(answered.body ?? {}, answered.status, headers)
    })
  }
  for (const [path, same] of Map.groupBy(routes, ({ path }) => honoPath(path))) {
    const allow = [...new Set(same.map(({ method }) => method))].join(', ')
    app.all(path, (c) => {
      throw new GatewayError('method_not_allowed', `${c.req.path} takes ${allow}.`, { headers: { allow } })
    })
  }
}

/** Read no faster than the caller does. */
function ndjson({ each }: Lines<unknown>): ReadableStream<Uint8Array> {
  async function* written(): AsyncGenerator<Uint8Array> {
    for await (const line of each) yield Buffer.from(`${JSON.stringify(line)}\n`)
  }
  return ReadableStream.from(written())
}

const honoPath = (path: string): string => path.replaceAll(/\{(\w+)\}/g, ':$1')

/** `?format=` counts before `Accept`, which a browser sends without being asked. */
function formatOf(c: Http, { format, ...query }: Record<string, string>): { query: Record<string, string>; csv: boolean } {
  if (format !== undefined && format !== 'csv' && format !== 'json')
    throw new GatewayError('invalid_value', 'The query parameter format is csv or json.', { param: 'format' })
  return { query, csv: format === undefined ? /^text\/csv\s*(?:[;,]|$)/i.test(c.req.header('accept') ?? '') : format === 'csv' }
}

/** Two readers of one address must agree, so a parameter is given once. */
function queryOf(c: Http): Record<string, string> {
  const given = Object.entries(c.req.queries())
  const twice = given.find(([, values]) => values.length > 1)
  if (twice) throw new GatewayError('invalid_value', `The query parameter ${twice[0]} is given twice: give it once.`, { param: twice[0] })
  return Object.fromEntries(given.map(([name, [value = '']]) => [name, value]))
}

/** No body at all is an empty object, so that what is optional need not be sent. */
async function bodyOf(c: Http, most: number): Promise<unknown> {
  const body = await bytesOf(c, most)
  if (body.length === 0) return {}
  refuseOtherMedia({ headers: c.req.header() })
  scanJson(body)
  try {
    return JSON.parse(body.toString())
  } catch {
    throw new GatewayError('invalid_json', 'The body is not valid JSON: correct it.')
  }
}

async function bytesOf(c: Http, most: number): Promise<Buffer> {
  if (Number(c.req.header('content-length') ?? 0) > most) throw tooLarge(c, most)
  const chunks: Uint8Array[] = []
  let bytes = 0
  const reader = c.req.raw.body?.getReader()
  for (let part = await reader?.read(); part?.value; part = await reader?.read()) {
    bytes += part.value.length
    if (bytes > most) throw tooLarge(c, most)
    chunks.push(part.value)
  }
  return Buffer.concat(chunks, bytes)
}

function tooLarge(c: Http, most: number): GatewayError {
  closeUnread(c)
  return new GatewayError('request_too_large', `The body is larger than ${most} bytes: send less.`)
}
