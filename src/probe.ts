import { authOf, proven } from './attempt/proof.ts'
import { forModel } from './attempt/quirks.ts'
import { baseUrlOf, pathOf } from './attempt/request.ts'
import { saysBadKey } from './contract/bad-key.ts'
import type { Candidate } from './contract/catalog.ts'
import type { ChatRequest } from './contract/chat.ts'
import { filled } from './contract/credential-schema.ts'
import { type Credential, secretsOf } from './contract/decision.ts'
import type { Gateway } from './contract/gateway.ts'
import { HOP_HEADER } from './contract/hop.ts'
import type { Provider } from './contract/provider.ts'
import { type UpstreamRequest, wholeAnswer } from './contract/upstream.ts'
import { asGatewayError } from './error-view.ts'
import { GatewayError } from './errors.ts'
import { redact } from './wire/redact.ts'

/** What the provider says of a key when asked for nothing but that. */
export interface Probed {
  /** `unknown`: the provider could not be asked, or its answer tells nothing about the key. */
  readonly verdict: 'good' | 'bad' | 'unknown'
  readonly status: number | undefined
  /** The provider's own words where it refused, redacted. */
  readonly words: string | undefined
  readonly baseUrl: string
  /** Milliseconds. */
  readonly took: number
}

/**
 * The provider's cheapest call with this key: one that is free where the provider has one that needs the key, else one token of its
 * cheapest model. Not booked: it is the operator's question, not a tenant's request.
 */
export async function probe(gateway: Gateway, provider: Provider, credential: Credential): Promise<Probed> {
  const began = gateway.now()
  try {
    const { request, minted } = await proven(gateway, requestOf(gateway, provider, credential), credential)
    const { status, headers, body } = await wholeAnswer(gateway.upstream, request)
    const failure = status >= 400 ? provider.dialect.decodeError(parsed(body), headers) : undefined
    const words = failure && redact(failure.message, [...secretsOf(credential), ...minted])
    const verdict = saysBadKey(provider, status, failure) ? 'bad' : status < 400 ? 'good' : 'unknown'
    return { verdict, status, words, baseUrl: request.baseUrl, took: gateway.now() - began }
  } catch (thrown) {
    const { code, message } = asGatewayError(thrown)
    return {
      verdict: code === 'credential_invalid' ? 'bad' : 'unknown',
      status: undefined,
      words: message,
      baseUrl: provider.baseUrl ?? '',
      took: gateway.now() - began,
    }
  }
}

function requestOf(gateway: Gateway, provider: Provider, credential: Credential): UpstreamRequest {
  // A tenant's own endpoint passes the egress guard here too, on sockets that no other key uses.
  const guardedFor = credential.fields?.endpoint === undefined ? undefined : `probe ${credential.fingerprint}`
  return {
    provider,
    baseUrl: baseUrlOf(provider, credential),
    ...callOf(gateway, provider, credential),
    headers: {
      ...provider.headers,
      'content-type': 'application/json',
      accept: 'application/json',
      'accept-encoding': 'identity',
      'user-agent': 'tollgate',
      [HOP_HEADER]: gateway.instance,
      ...authOf(provider, credential),
    },
    deadlines: { ...gateway.deadlines, firstByte: 10_000, firstByteUnstreamed: 10_000, total: 15_000 },
    stream: false,
    ...(guardedFor !== undefined && { guardedFor }),
  }
}

type Call = Pick<UpstreamRequest, 'method' | 'path' | 'body'>

function callOf(gateway: Gateway, provider: Provider, credential: Credential): Call {
  const { probePath, probeBody, dialect, id } = provider
  if (probePath !== undefined) {
    const path = filled(probePath, credential.fields ?? {})
    return probeBody ? { method: 'POST', path, body: jsonOf(probeBody) } : { method: 'GET', path, body: undefined }
  }
  const model = cheapestOf(gateway, id)
  if (model === undefined) throw new GatewayError('model_not_found', `No model of ${id} is known that a smallest call could be made with.`)
  const chat: ChatRequest = { model, messages: [{ role: 'user', content: 'Hi' }], max_tokens: 1 }
  const body = jsonOf(dialect.encodeRequest(chat, { stream: false, quirks: forModel(provider, model).quirks }))
  return { method: 'POST', path: pathOf(provider, { model, stream: false }, credential), body }
}

const jsonOf = (body: object): Buffer => Buffer.from(JSON.stringify(body))

function cheapestOf(gateway: Gateway, id: string): string | undefined {
  const listed = gateway
    .snapshot()
    .candidates()
    .filter(({ provider, model }) => provider.id === id && model?.endpoints.includes('chat'))
  const price = ({ price }: Candidate) => (price?.input ?? Number.POSITIVE_INFINITY) + (price?.output ?? 0)
  return listed.sort((a, b) => price(a) - price(b))[0]?.wireModel
}

function parsed(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString())
  } catch {
    return undefined
  }
}
