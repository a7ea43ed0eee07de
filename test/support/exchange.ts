import type { UpstreamDialect } from '../../src/contract/dialect.ts'
import { providerId, settingKey } from '../../src/contract/ids.ts'
import type { Deadlines, Provider } from '../../src/contract/provider.ts'
import type { Exchange, Upstream, UpstreamHeaders, UpstreamRequest } from '../../src/contract/upstream.ts'
import type { GatewayError } from '../../src/errors.ts'

/** All that a listener was told, once the exchange is over. */
export interface Outcome {
  status?: number
  headers: UpstreamHeaders
  chunks: Buffer[]
  body: string
  error?: GatewayError
  /** Only where it failed. */
  sent?: boolean
}

export interface Running {
  readonly exchange: Exchange
  readonly outcome: Promise<Outcome>
  /** What was told so far. */
  readonly sofar: Outcome
  readonly headers: Promise<void>
}

/** Sends and listens; `onData` sees each chunk as it comes. */
export function run(upstream: Upstream, request: UpstreamRequest, onData: (chunk: Buffer) => void = () => undefined): Running {
  const sofar: Outcome = { headers: {}, chunks: [], body: '' }
  const [over, began] = [Promise.withResolvers<Outcome>(), Promise.withResolvers<void>()]
  const finish = (end: Partial<Outcome>): void => over.resolve(Object.assign(sofar, end, { body: Buffer.concat(sofar.chunks).toString() }))
  const exchange = upstream.send(request, {
    onHeaders(status, headers) {
      Object.assign(sofar, { status, headers })
      began.resolve()
    },
    onData(chunk) {
      sofar.chunks.push(chunk)
      onData(chunk)
    },
    onEnd: () => finish({}),
    onFail: (error, sent) => finish({ error, sent }),
  })
  return { exchange, sofar, outcome: over.promise, headers: began.promise }
}

export const PATIENT: Deadlines = { connect: 5_000, firstByte: 10_000, firstByteUnstreamed: 10_000, progress: 10_000, total: 30_000 }

export type Asked = Partial<Omit<UpstreamRequest, 'deadlines' | 'body'>> & { deadlines?: Partial<Deadlines>; json?: unknown }

/** A request to a provider of no importance; give what matters to the test. */
export function requestTo(baseUrl: string, { deadlines, json = { model: 'm' }, ...rest }: Asked = {}): UpstreamRequest {
  return {
    provider: testProvider(),
    baseUrl,
    path: '/chat/completions',
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: 'Bearer sk-test-0123456789abcdef' },
    body: Buffer.from(JSON.stringify(json)),
    deadlines: { ...PATIENT, ...deadlines },
    stream: false,
    ...rest,
  }
}

export function testProvider(given: Partial<Provider> = {}): Provider {
  return {
    id: providerId('acme'),
    name: 'Acme',
    dialect: silentDialect,
    also: [],
    auth: { header: 'authorization', prefix: 'Bearer ' },
    apiKeyEnv: settingKey('ACME_API_KEY'),
    envAliases: [],
    legacyIds: [],
    credential: 'key',
    vendor: 'acme',
    endpoints: ['chat'],
    headers: {},
    quirks: {},
    modelQuirks: [],
    tooLong: [],
    refuses: [],
    keyPrefixes: [],
    badKey: [{ status: 401 }],
    ...given,
  }
}

const unused = (): never => {
  throw new Error('the way out reads no dialect')
}

const silentDialect: UpstreamDialect = {
  id: 'openai-chat',
  params: {},
  path: unused,
  encodeRequest: unused,
  decodeResponse: unused,
  decodeStream: unused,
  decodeError: unused,
  readUsage: unused,
  edits: { model: true, usage: true, maxTokens: true },
  ending: { isTerminal: unused, isFinish: unused },
}
