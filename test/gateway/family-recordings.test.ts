import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { providers as shipped } from '../../providers/index.ts'
import { OWN, type Recording, recordingsIn, SHARED } from '../contract/dialects/recordings.ts'
import type { Any } from '../contract/dialects/words.ts'
import { ByHand } from '../support/by-hand.ts'
import { type FakeProvider, startFakeProvider } from '../support/fake-provider.ts'
import { askedFor, bytesOf } from '../support/formats.ts'
import { startGateway, type TestGateway } from '../support/gateway.ts'

// Every recorded exchange besides conversation: to clients of its own format the very bytes, to those of another the same numbers.

const recordings = [...recordingsIn(OWN), ...recordingsIn(SHARED)].filter((recording) => askedFor(recording) !== undefined)
const idOf = ({ provider, api }: Recording): string => `${provider}-${api.replace(/[^a-z0-9]+/gi, '-').toLowerCase()}`

/** The dialect at an address. One provider writes its vectors in a manner of its own, and is asked by its own name. */
function entry(recording: Recording, origin: string): string {
  return `  - { id: ${idOf(recording)}, dialect: ${askedFor(recording)!.dialect}, base_url: "${origin}" }`
}

let provider: FakeProvider
let gateway: TestGateway
let hand: ByHand
let key: string

beforeAll(async () => {
  provider = await startFakeProvider()
  const each = [...new Map(recordings.map((recording) => [idOf(recording), recording])).values()]
  const own = shipped.filter(({ id }) => id === 'perplexity')
  gateway = await startGateway({
    config: { 'providers.yaml': `providers:\n${each.map((recording) => entry(recording, provider.origin)).join('\n')}\n` },
    providers: Object.fromEntries(own.map(({ id }) => [id, provider.origin])),
  })
  hand = new ByHand(gateway)
  const tenant = await hand.tenant('recorded', 'enterprise')
  key = tenant.key
  const names = [...own.map(({ apiKeyEnv }) => apiKeyEnv), ...each.map((one) => `${idOf(one).toUpperCase().replaceAll('-', '_')}_API_KEY`)]
  for (const name of names) await hand.setting(tenant.id, name, `key-of-${name}`)
  await hand.holds(key, 'perplexity/any')
})

afterAll(async () => {
  await gateway.stop()
  await provider.close()
})

const succeeded = ({ response }: Recording): boolean => response.status === 200
const isForm = ({ request }: Recording): boolean => request?.body === '[multipart form data omitted]'
const isEmbedded = (recording: Recording): boolean => askedFor(recording)!.dialect.includes('embedding')
const isRanked = (recording: Recording): boolean => askedFor(recording)!.dialect.includes('rerank')

describe('the bytes pass both ways', () => {
  it.for(recordings.filter((one) => succeeded(one) && askedFor(one)?.path))('$file', async (recording) => {
    const { path } = askedFor(recording)!
    const model = `${idOf(recording)}/m`
    const { body, type } = isForm(recording) ? form(model) : { body: asked(recording, model), type: 'application/json' }
    const got = await exchange(recording, { path: path!(model), body, type })
    expect(got.status).toBe(200)
    expect(got.body.equals(bytesOf(recording)), 'the answer is the provider’s, byte for byte').toBe(true)
    if (!isForm(recording)) expect(withoutModel(provider.journal.at(-1)!.body.toString())).toBe(withoutModel(recording.request!.body))
  })

  it.for(recordings.filter((one) => !succeeded(one)))('$file fails', async (recording) => {
    const model = `${idOf(recording)}/m`
    const got = await exchange(recording, { path: askedFor(recording)!.path!(model), body: asked(recording, model) })
    expect(got.status).toBeGreaterThanOrEqual(400)
    expect(got.body.toString()).toMatch(/"message":\s*"./)
  })
})

/** Protocols of embeddings: how texts are asked for, and where the vectors are. */
const CLIENTS = [
  {
    name: 'embeddings',
    dialect: 'openai-embeddings',
    path: () => '/v1/embeddings',
    ask: (model: string, texts: string[]) => ({ model, input: texts, encoding_format: 'float' }),
    vectors: ({ data }: Any) => data.map(({ embedding }: Any) => embedding),
  },
  {
    name: "Cohere's embed",
    dialect: 'cohere-embeddings',
    path: () => '/v2/embed',
    ask: (model: string, texts: string[]) => ({ model, texts, input_type: 'search_document', embedding_types: ['float'] }),
    vectors: ({ embeddings }: Any) => embeddings.float,
  },
  {
    name: 'batchEmbedContents',
    dialect: 'gemini-embeddings',
    path: (model: string) => `/v1beta/models/${model}:batchEmbedContents`,
    ask: (_: string, texts: string[]) => ({ requests: texts.map((text) => ({ content: { parts: [{ text }] } })) }),
    vectors: ({ embeddings }: Any) => embeddings.map(({ values }: Any) => values),
  },
]

const floats = (base64: string): number[] => [...new Float32Array(new Uint8Array(Buffer.from(base64, 'base64')).buffer)]

/** Where a provider's vectors are, to a second reader. */
const VECTORS: Readonly<Record<string, (body: Any) => number[][]>> = {
  'openai-embeddings': ({ data }) => data.map(({ embedding }: Any) => floats(embedding)),
  'voyage-embeddings': ({ data }) => data.map(({ embedding }: Any) => floats(embedding)),
  'cohere-embeddings': ({ embeddings }) => embeddings.float,
  'gemini-embedding': ({ embedding }) => [embedding.values],
  'gemini-embeddings': ({ embeddings }) => embeddings.map(({ values }: Any) => values),
  'ollama-embeddings': ({ embeddings }) => embeddings,
  'vertex-embeddings': ({ predictions }) => predictions.map(({ embeddings }: Any) => embeddings.values),
}

/** What was recorded of it are vectors of bytes, which only its own clients ask for. */
const BYTES_ONLY = 'cohere-embeddings-1'

describe.each(CLIENTS)('$name gives the same numbers', (client) => {
  const foreign = recordings.filter(
    (one) => succeeded(one) && isEmbedded(one) && askedFor(one)!.dialect !== client.dialect && askedFor(one)!.dialect !== BYTES_ONLY,
  )

  it.for(foreign)('$file', async (recording) => {
    const whose = recording.provider === 'perplexity' ? 'perplexity' : idOf(recording)
    const said = recording.provider === 'perplexity' ? signedBytes(recording) : VECTORS[askedFor(recording)!.dialect]!(answer(recording))
    const texts = said.map((_, index) => `text ${index}`)
    const got = await exchange(recording, {
      path: client.path(`${whose}/m`),
      body: JSON.stringify(client.ask(`${whose}/m`, texts)),
    })
    expect(got.status, got.body.toString()).toBe(200)
    const heard: number[][] = client.vectors(JSON.parse(got.body.toString()))
    expect(heard.map((vector) => [...Float32Array.from(vector)])).toEqual(said.map((vector) => [...Float32Array.from(vector)]))
  })
})

const signedBytes = (recording: Recording): number[][] =>
  answer(recording).data.map(({ embedding }: Any) => [...new Int8Array(Buffer.from(embedding, 'base64'))])

describe('rankings come in the order and with the scores that were given', () => {
  it.for(recordings.filter((one) => succeeded(one) && isRanked(one)))('$file', async (recording) => {
    const { results, data } = answer(recording)
    const scores = (rows: Any) => rows.map(({ index, relevance_score }: Any) => ({ index, relevance_score }))
    const body = JSON.stringify({ model: `${idOf(recording)}/m`, query: 'q', documents: ['a', 'b', 'c', 'd', 'e'] })
    for (const path of ['/v1/rerank', '/v2/rerank']) {
      const got = await exchange(recording, { path, body })
      expect(scores(JSON.parse(got.body.toString()).results)).toEqual(scores(results ?? data))
    }
  })
})

const answer = ({ response }: Recording): Any => JSON.parse(response.body)

/** The recorded body, asked of one of our names. */
function asked({ request }: Recording, model: string): string {
  return request!.body.replace(/("model"\s*:\s*)"[^"]*"/, (_, key: string) => `${key}${JSON.stringify(model)}`)
}

const withoutModel = (body: string): string => body.replace(/"model"\s*:\s*"[^"]*"/g, '"model":')

function form(model: string): { body: string; type: string } {
  const part = (name: string, value: string) => `--b\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`
  return { body: `${part('model', model)}${part('file"; filename="a.wav', 'sound')}--b--\r\n`, type: 'multipart/form-data; boundary=b' }
}

interface Sent {
  readonly path: string
  readonly body: string
  readonly type?: string
}

async function exchange(recording: Recording, { path, body, type = 'application/json' }: Sent): Promise<{ status: number; body: Buffer }> {
  const { 'set-cookie': _cookie, ...headers } = recording.response.headers
  provider.answer({ status: recording.response.status, headers, body: bytesOf(recording) })
  const response = await fetch(gateway.url + path, {
    method: 'POST',
    headers: { 'content-type': type, authorization: `Bearer ${key}` },
    body,
  })
  return { status: response.status, body: Buffer.from(await response.arrayBuffer()) }
}
