import { GatewayError } from '../errors.ts'
import { Refused, to } from './api.ts'
import type { Verb } from './verb.ts'

export const exportTenant: Verb = {
  use: 'export <tenant>',
  does: 'give back everything about a tenant as lines of JSON, with no key among them',
  examples: ['tenants export acme > acme.ndjson'],
  run: async ({ api, args: [name = ''], terminal }) => {
    const { method, path } = to`GET /tenants/${name}/export`
    const reply = await api(method, path)
    if (reply.status >= 400) throw new Refused(reply)
    let last = ''
    for await (const line of linesIn(reply.body)) terminal.out((last = line))
    if (last.startsWith(END)) return { json: undefined, text: '' }
    throw new GatewayError('upstream_disconnected', 'The export broke off before its last line: what was printed is not all. Run it again.')
  },
}

/** How the line begins that says that there are no more. */
const END = '{"record":"end"'

async function* linesIn(body: unknown): AsyncGenerator<string> {
  if (typeof body !== 'object' || body === null || !(Symbol.asyncIterator in body)) return
  try {
    yield* body as AsyncIterable<string> // what `replyOf` makes of NDJSON
  } catch {
    // A connection that broke looks like one that ended early, and is told as one.
  }
}
