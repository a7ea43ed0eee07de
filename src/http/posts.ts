import type { IngressDialect } from '../contract/dialect.ts'
import type { Hub } from '../contract/family.ts'
import type { Inbound } from '../contract/gateway.ts'
import type { Endpoint } from '../contract/provider.ts'
import { GatewayError } from '../errors.ts'
import { decodeSegment } from './inbound.ts'

/** The dialects that apps may speak. */
export interface Ingress {
  readonly chat: IngressDialect
  readonly messages: IngressDialect
  readonly messagesCount: IngressDialect
  readonly responses: IngressDialect
  readonly completions: IngressDialect
  readonly gemini: IngressDialect
  readonly geminiList: IngressDialect
  readonly geminiCount: IngressDialect
  readonly cohere: IngressDialect
}

/** One path that takes a request body, and what it is in. */
export interface Post {
  /** As Hono writes it. */
  readonly path: string
  readonly endpoint: Endpoint
  readonly ingress: IngressDialect<Hub>
  /** Where the address tells another dialect than the path does. */
  readonly instead?: (url: URL) => IngressDialect<Hub> | undefined
  /** What the address tells in place of the body. Throws where it tells something else. */
  readonly asked?: (url: URL) => Inbound['asked']
}

/** Below `/v1`, and without it. */
export function posts({ chat, messages, messagesCount, responses, completions }: Ingress): readonly Post[] {
  return [
    { path: '/chat/completions', endpoint: 'chat', ingress: chat },
    { path: '/messages', endpoint: 'messages', ingress: messages },
    { path: '/messages/count_tokens', endpoint: 'messages', ingress: messagesCount },
    { path: '/responses', endpoint: 'responses', ingress: responses },
    { path: '/completions', endpoint: 'completions', ingress: completions },
  ]
}

/** Google's paths, under either version as its own clients choose: the method is what follows the last colon. */
export function generated({ gemini, geminiList, geminiCount }: Ingress): readonly Post[] {
  const instead = (url: URL) => (url.pathname.endsWith(STREAMED) && !asksEvents(url) ? geminiList : undefined)
  return ['/v1beta', '/v1'].flatMap((version) => [
    { path: `${version}/models/:call{.+:countTokens}`, endpoint: 'generate', ingress: geminiCount, asked: askedOfGemini },
    { path: `${version}/models/:call{.+}`, endpoint: 'generate', ingress: gemini, instead, asked: askedOfGemini },
  ])
}

const STREAMED = ':streamGenerateContent'
const asksEvents = ({ searchParams }: URL): boolean => searchParams.get('alt') === 'sse'

/** What Cohere's own clients call. */
export function versioned({ cohere }: Ingress): readonly Post[] {
  return [{ path: '/v2/chat', endpoint: 'chat', ingress: cohere }]
}

/** What Azure's own clients call: the deployment in the path is the model. */
export function deployed({ chat, completions }: Ingress): readonly Post[] {
  const asks = [
    { path: '/chat/completions', endpoint: 'chat', ingress: chat },
    { path: '/completions', endpoint: 'completions', ingress: completions },
  ] as const
  return asks.map((post) => ({ ...post, path: `/openai/deployments/:model{.+}${post.path}`, asked: (url) => deploymentIn(url, post.path) }))
}

/** The name between `/deployments/` and the path of what is asked of it. */
export function deploymentIn(url: URL, path: string): Inbound['asked'] {
  const rest = segmentAfter(url, '/deployments/')
  return { model: rest.slice(0, rest.length - path.length) }
}

export function askedOfGemini(url: URL): Inbound['asked'] {
  const call = segmentAfter(url, '/models/')
  const cut = call.lastIndexOf(':')
  const [model, method] = [call.slice(0, cut), call.slice(cut + 1)]
  if (cut > 0 && UNSTREAMED.has(method)) return { model, stream: false }
  if (cut > 0 && method === 'streamGenerateContent') return { model, stream: asksEvents(url) }
  throw new GatewayError('not_found', `A model has no method ${method} here.`)
}

const UNSTREAMED: ReadonlySet<string> = new Set(['generateContent', 'countTokens', 'embedContent', 'batchEmbedContents'])

/** What follows the mark, decoded: names hold slashes, sent as they are or encoded. A tenant's slug may read like the mark. */
export function segmentAfter({ pathname }: URL, mark: string): string {
  const path = pathname.replace(/^\/t\/[^/]+/, '')
  const name = decodeSegment(path.slice(path.indexOf(mark) + mark.length))
  if (name !== undefined && name !== '') return name
  throw new GatewayError('model_not_found', 'The model in the path is missing, or not percent-encoded UTF-8.', { param: 'model' })
}
