import { createVerify, generateKeyPairSync, randomBytes } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type FakeProvider, type Received, startFakeProvider } from '../support/fake-provider.ts'
import { type ApiAnswer, startGateway, type TestGateway } from '../support/gateway.ts'
import { completion } from '../support/relayed.ts'

// Credentials of several parts, through a whole gateway: a cloud on one real socket, the service that hands out its tokens on another.

const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
const PEM = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
const canary = (name: string) => `${name}-canary-${randomBytes(16).toString('hex')}`
const KEY = canary('azure')
const CLIENT_SECRET = canary('client')
const MINTED = canary('minted')

/** As Google's console gives it; its own address for tokens leads to somebody else. */
const ROBOT = {
  type: 'service_account',
  project_id: 'acme-prod',
  private_key_id: randomBytes(20).toString('hex'),
  private_key: PEM,
  client_email: 'robot@acme-prod.iam.gserviceaccount.com',
  client_id: '1234567890',
  auth_uri: 'https://accounts.google.com/o/oauth2/auth',
  token_uri: '',
}
const APP = { tenant_id: '11111111-2222-3333-4444-555555555555', client_id: 'app', client_secret: CLIENT_SECRET, resource: 'acme' }

let cloud: FakeProvider
let tokens: FakeProvider
let stranger: FakeProvider
let gateway: TestGateway
let tenant: { slug: string; key: string }
let count = 0
let life = 3600

beforeAll(async () => {
  ;[cloud, tokens, stranger] = await Promise.all([startFakeProvider(), startFakeProvider(), startFakeProvider()])
  ROBOT.token_uri = `${stranger.origin}/token`
  const vertex = `${cloud.origin}/v1/projects/{project}/locations/{region}/publishers`
  gateway = await startGateway({
    providers: {
      azure: `${cloud.origin}/{resource}/openai/v1`,
      'azure-deployments': `${cloud.origin}/{resource}/openai`,
      'azure-anthropic': `${cloud.origin}/{resource}/anthropic`,
      vertex: `${vertex}/google`,
      'vertex-anthropic': `${vertex}/anthropic`,
    },
    env: Object.fromEntries(['AZURE', 'VERTEX', 'VERTEX_ANTHROPIC'].map((id) => [`TOLLGATE_${id}_TOKEN_URL`, `${tokens.origin}/token`])),
  })
})
afterAll(async () => {
  await gateway.stop()
  await Promise.all([cloud.close(), tokens.close(), stranger.close()])
})
beforeEach(async () => {
  tenant = await gateway.tenant(`tenant-${++count}`, 'enterprise')
  cloud.journal.length = 0
  tokens.journal.length = 0
  life = 3600
  cloud.answer({ body: completion() })
  tokens.answer(() => ({ body: { access_token: `${MINTED}-${tokens.journal.length}`, expires_in: life, token_type: 'Bearer' } }))
})

const put = (provider: string, body: object) => gateway.api('PUT', `/tenants/${tenant.slug}/provider-keys/${provider}`, body)
const post = (path: string, body: object, headers: Record<string, string> = {}) =>
  gateway.call('POST', path, { key: tenant.key, body, headers })
const chat = (model: string, more: object = {}) =>
  post('/v1/chat/completions', { model, messages: [{ role: 'user', content: 'Hello' }], ...more })
const jsonOf = ({ body }: Received) => JSON.parse(body.toString())
const codeOf = ({ status, body }: ApiAnswer) => ({ status, code: body.error?.code, param: body.error?.param })
const minted = (number = 1) => `Bearer ${MINTED}-${number}`

describe('a resource of Azure', () => {
  it('is asked with its key, at its own name', async () => {
    const stored = await put('azure', { fields: { key: KEY, resource: 'https://Acme-1.openai.azure.com/' } })
    expect(stored.body).toMatchObject({ setting_key: 'AZURE_OPENAI_API_KEY', last4: KEY.slice(-4), fields: { resource: 'Acme-1' } })
    expect((await chat('azure/my-deployment')).status).toBe(200)
    const [asked] = cloud.journal
    expect(asked).toMatchObject({ path: '/Acme-1/openai/v1/chat/completions', headers: { 'api-key': KEY } })
    expect(asked?.headers).not.toHaveProperty('authorization')
    expect(jsonOf(asked!)).toMatchObject({ model: 'my-deployment' })
  })

  it('serves its deployments by path and version, and Claude, with the same key', async () => {
    await put('azure-deployments', { fields: { key: KEY, resource: 'acme', api_version: '2025-04-01-preview' } })
    expect((await chat('azure-deployments/gpt 4')).status).toBe(200)
    expect((await post('/v1/embeddings', { model: 'azure-deployments/ada', input: 'x' })).status).toBe(200)
    cloud.answer({
      body: {
        id: 'm',
        type: 'message',
        role: 'assistant',
        model: 'c',
        content: [],
        stop_reason: 'end_turn',
        usage: { input_tokens: 1, output_tokens: 1 },
      },
    })
    expect(
      (await post('/v1/messages', { model: 'azure-anthropic/opus', max_tokens: 5, messages: [{ role: 'user', content: 'Hi' }] })).status,
    ).toBe(200)
    expect(cloud.journal.map(({ path }) => path)).toEqual([
      '/acme/openai/deployments/gpt%204/chat/completions?api-version=2025-04-01-preview',
      '/acme/openai/deployments/ada/embeddings?api-version=2025-04-01-preview',
      '/acme/anthropic/v1/messages',
    ])
    expect(cloud.journal.slice(0, 2).map((asked) => 'model' in jsonOf(asked))).toEqual([false, false])
    expect(cloud.journal[2]?.headers).toMatchObject({ 'x-api-key': KEY, 'anthropic-version': '2023-06-01' })
  })

  it('takes a token of Entra that was brought, or one that is fetched for an app', async () => {
    await put('azure', { fields: { access_token: 'brought.by.hand', resource: 'acme' } })
    await chat('azure/d')
    expect(cloud.journal[0]?.headers).toMatchObject({ authorization: 'Bearer brought.by.hand' })
    await put('azure', { fields: APP })
    await chat('azure/d')
    expect(cloud.journal[1]?.headers).toMatchObject({ authorization: minted() })
    expect(Object.fromEntries(new URLSearchParams(tokens.journal[0]?.body.toString()))).toEqual({
      grant_type: 'client_credentials',
      scope: 'https://cognitiveservices.azure.com/.default',
      client_id: 'app',
      client_secret: CLIENT_SECRET,
    })
  })

  it.each([
    [{ key: KEY }, 'fields.resource', /lacks `resource`/],
    [{ key: KEY, resource: 'evil.example/#' }, 'fields.resource', /has a `resource` that is not a name/],
    [{ resource: 'acme' }, 'key', /holds no key: give `key`, or `access_token`, or `client_secret` and `tenant_id` and `client_id`/],
    [{ key: KEY, resouce: 'acme' }, 'fields.resouce', /has no field `resouce`/],
    [{ client_id: 'app', client_secret: CLIENT_SECRET, resource: 'acme' }, 'fields.tenant_id', /lacks `tenant_id` for an app registration/],
  ])('is not stored from %j', async (fields, param, words) => {
    const answer = await put('azure', { fields })
    expect(codeOf(answer)).toEqual({ status: 400, code: 'invalid_value', param })
    expect(answer.body.error.message).toMatch(words)
    expect((await gateway.api('GET', `/tenants/${tenant.slug}/provider-keys/azure`)).body.status).toBe('missing')
  })

  it('is probed with what was stored, and diagnosed', async () => {
    await put('azure', { fields: { key: KEY, resource: 'acme' } })
    expect((await gateway.api('POST', `/tenants/${tenant.slug}/provider-keys/azure/test`)).body.verdict).toBe('good')
    cloud.answer({ status: 401, body: { error: { code: '401', message: `Access denied due to invalid subscription key ${KEY}.` } } })
    const { body } = await gateway.api('POST', `/tenants/${tenant.slug}/provider-keys/azure/diagnose`)
    expect(body).toMatchObject({ verdict: 'bad', calls: [{ base_url: `${cloud.origin}/acme/openai/v1`, used: true }] })
    expect(cloud.journal.map(({ method, path }) => `${method} ${path}`)).toEqual(Array(2).fill('GET /acme/openai/v1/models'))
  })
})

describe('a service account of Google', () => {
  beforeEach(() => put('vertex', { fields: ROBOT, region: 'europe-west4' }))
  const gemini = {
    candidates: [{ content: { role: 'model', parts: [{ text: 'Hello' }] }, finishReason: 'STOP' }],
    usageMetadata: { promptTokenCount: 1, candidatesTokenCount: 1 },
  }

  it('signs for a token at Google’s service, whatever its file says, and uses it for all that follows', async () => {
    cloud.answer({ body: gemini })
    const answers = await Promise.all([
      chat('vertex/gemini-x'),
      chat('vertex/gemini-x'),
      post('/v1beta/models/vertex%2Fgemini-x:generateContent', { contents: [] }),
    ])
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200])
    expect(new Set(cloud.journal.map(({ path }) => path))).toEqual(
      new Set(['/v1/projects/acme-prod/locations/europe-west4/publishers/google/models/gemini-x:generateContent']),
    )
    expect(cloud.journal.map(({ headers }) => headers['authorization'])).toEqual([minted(), minted(), minted()])
    expect(tokens.journal).toHaveLength(1)
    expect(stranger.journal).toEqual([])
    const [header, claims, signature = ''] = (new URLSearchParams(tokens.journal[0]?.body.toString()).get('assertion') ?? '').split('.')
    expect(createVerify('RSA-SHA256').update(`${header}.${claims}`).verify(publicKey, signature, 'base64url')).toBe(true)
    expect(JSON.parse(Buffer.from(claims ?? '', 'base64url').toString())).toMatchObject({
      ...{ iss: ROBOT.client_email, aud: 'https://oauth2.googleapis.com/token', scope: 'https://www.googleapis.com/auth/cloud-platform' },
    })
  })

  it('gets another token when the first has ended, or is no longer taken', async () => {
    life = 1
    await chat('vertex/g')
    await new Promise((resolve) => setTimeout(resolve, 1_050))
    life = 3600
    await chat('vertex/g')
    cloud.answer({ status: 401, body: { error: { code: 401, status: 'UNAUTHENTICATED', message: 'Request had invalid credentials.' } } })
    expect(codeOf(await chat('vertex/g'))).toMatchObject({ status: 403, code: 'credential_invalid' })
    cloud.answer({ body: gemini })
    await chat('vertex/g')
    expect(cloud.journal.map(({ headers }) => headers['authorization'])).toEqual([minted(1), minted(2), minted(2), minted(3)])
  })

  it('asks Claude in Anthropic’s words: model and method in the path, the version in the body, features in trial that Vertex knows', async () => {
    const events = [
      {
        type: 'message_start',
        message: {
          id: 'm',
          type: 'message',
          role: 'assistant',
          model: 'c',
          content: [],
          stop_reason: null,
          usage: { input_tokens: 1, output_tokens: 1 },
        },
      },
      { type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 1 } },
      { type: 'message_stop' },
    ]
    cloud.answer({
      headers: { 'content-type': 'text/event-stream' },
      chunks: events.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`),
    })
    const asked = { model: 'vertex-anthropic/claude-x@20260101', max_tokens: 9, messages: [{ role: 'user', content: 'Hi' }], stream: true }
    const answer = await post('/v1/messages', asked, {
      'anthropic-beta': 'web-fetch-2025-09-10, context-1m-2025-08-07',
      'anthropic-version': '2023-06-01',
    })
    expect(answer.status).toBe(200)
    expect(answer.headers.get('x-tollgate-params-dropped')).toBe('anthropic-beta: web-fetch-2025-09-10')
    const [sent] = cloud.journal
    expect(sent?.path).toBe('/v1/projects/acme-prod/locations/europe-west4/publishers/anthropic/models/claude-x@20260101:streamRawPredict')
    expect(sent?.headers).toMatchObject({ 'anthropic-beta': 'context-1m-2025-08-07', authorization: minted() })
    expect(sent?.headers).not.toHaveProperty('anthropic-version')
    expect(jsonOf(sent!)).toEqual({ anthropic_version: 'vertex-2023-10-16', max_tokens: 9, messages: asked.messages, stream: true })
    await chat('vertex-anthropic/claude-x@20260101', { max_tokens: 9 })
    expect(cloud.journal[1]?.path).toMatch(/claude-x@20260101:rawPredict$/)
    expect(Object.keys(jsonOf(cloud.journal[1]!)).sort()).toEqual(['anthropic_version', 'max_tokens', 'messages'])
  })

  it('counts and embeds, too', async () => {
    cloud.answer({ body: { input_tokens: 3 } })
    const counted = await post('/v1/messages/count_tokens', {
      model: 'vertex-anthropic/claude-x',
      messages: [{ role: 'user', content: 'Hi' }],
    })
    expect(counted.body).toEqual({ input_tokens: 3 })
    expect(cloud.journal[0]?.path).toMatch(/\/models\/count-tokens:rawPredict$/)
    expect(jsonOf(cloud.journal[0]!)).toMatchObject({ model: 'claude-x', anthropic_version: 'vertex-2023-10-16' })
    cloud.answer({ body: { predictions: [{ embeddings: { values: [0.5, 1], statistics: { token_count: 2, truncated: false } } }] } })
    const embedded = await post('/v1/embeddings', { model: 'vertex/text-embedding-x', input: 'Hi', dimensions: 2, input_type: 'query' })
    expect(embedded.body).toMatchObject({ data: [{ embedding: [0.5, 1] }], usage: { prompt_tokens: 2 } })
    expect(cloud.journal[1]?.path).toMatch(/\/publishers\/google\/models\/text-embedding-x:predict$/)
    expect(jsonOf(cloud.journal[1]!)).toEqual({
      instances: [{ content: 'Hi', task_type: 'RETRIEVAL_QUERY' }],
      parameters: { outputDimensionality: 2 },
    })
  })

  it('that Google refuses is said to be refused, in Google’s words and the client’s protocol, and nothing is asked', async () => {
    tokens.answer({ status: 400, body: { error: 'invalid_grant', error_description: `Invalid JWT signature of ${PEM.trim()}.` } })
    const refused = await post('/v1/messages', {
      model: 'vertex-anthropic/claude-x',
      max_tokens: 5,
      messages: [{ role: 'user', content: 'Hi' }],
    })
    expect(refused).toMatchObject({ status: 403, body: { type: 'error', error: { type: 'permission_error' } } })
    expect(refused.body.error.message).toMatch(
      /^invalid_grant: Invalid JWT signature of \[redacted\]\. \(Claude on Vertex AI refuses the stored key GOOGLE_VERTEX_CREDENTIALS: store a good one\.\)$/,
    )
    expect(codeOf(await chat('vertex/g'))).toMatchObject({ status: 403, code: 'credential_invalid' })
    expect((await gateway.api('POST', `/tenants/${tenant.slug}/provider-keys/vertex/test`)).body).toMatchObject({ verdict: 'bad' })
    expect(cloud.journal).toEqual([])
    const { data } = (await gateway.api('GET', `/requests?tenant=${tenant.slug}`)).body
    expect(new Set(data.map(({ state, code }: { state: string; code: string }) => `${state} ${code}`))).toEqual(
      new Set(['released credential_invalid']),
    )
  })

  it('cannot be used while the service of tokens is down, and can after', async () => {
    tokens.answer({ status: 503, body: 'busy' })
    const failed = await chat('vertex/g')
    expect(codeOf(failed)).toMatchObject({ status: 502, code: 'upstream_unreachable' })
    expect(failed.headers.get('x-tollgate-error-origin')).toBe('provider')
    tokens.answer({ end: 'reset' })
    const cut = await chat('vertex/g')
    expect(codeOf(cut)).toMatchObject({ status: 502, code: 'upstream_unreachable' })
    expect(cut.body.error.message).toMatch(/^The token service of Google Vertex AI /)
    tokens.answer({ body: { access_token: 'good', expires_in: 60 } })
    cloud.answer({ body: gemini })
    expect((await chat('vertex/g')).status).toBe(200)
    expect(cloud.journal).toHaveLength(1)
  })

  it('is not used for a client that left while its token was fetched, and nothing is booked', async () => {
    tokens.answer({ after: 500, body: { access_token: 'late', expires_in: 60 } })
    const leaving = new AbortController()
    const asked = fetch(`${gateway.url}/v1/chat/completions`, {
      method: 'POST',
      signal: leaving.signal,
      headers: { authorization: `Bearer ${tenant.key}`, 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'vertex/g', messages: [{ role: 'user', content: 'Hi' }] }),
    })
    await tokens.received()
    leaving.abort()
    await expect(asked).rejects.toThrow()
    const booked = async () => (await gateway.api('GET', `/requests?tenant=${tenant.slug}`)).body.data
    await expect.poll(booked).toMatchObject([{ state: 'released', code: 'client_closed_request' }])
    expect(cloud.journal).toEqual([])
  })

  it('is stored only with a location that is one, and never as the machine itself', async () => {
    expect(codeOf(await put('vertex', { fields: ROBOT, region: 'evil.example#' }))).toMatchObject({ status: 400, param: 'region' })
    expect(codeOf(await put('vertex', { fields: { metadata: 'on', project: 'acme' } }))).toMatchObject({ status: 400, param: 'key' })
    expect(codeOf(await put('vertex', { fields: { ...ROBOT, project_id: 'a/../b' } }))).toMatchObject({
      status: 400,
      param: 'fields.project',
    })
  })
})

describe('a login with Google', () => {
  it('is exchanged at Google’s service, and its requests count for its own project', async () => {
    const login = {
      type: 'authorized_user',
      client_id: 'c.apps.example',
      client_secret: CLIENT_SECRET,
      refresh_token: 'r',
      quota_project_id: 'mine-1',
    }
    await put('vertex', { fields: { credentials: JSON.stringify(login), project: 'ours-1' } })
    await chat('vertex/g')
    expect(Object.fromEntries(new URLSearchParams(tokens.journal[0]?.body.toString()))).toMatchObject({
      grant_type: 'refresh_token',
      refresh_token: 'r',
    })
    expect(cloud.journal).toMatchObject([
      {
        path: '/v1/projects/ours-1/locations/global/publishers/google/models/g:generateContent',
        headers: { authorization: minted(), 'x-goog-user-project': 'mine-1' },
      },
    ])
  })
})

describe('the platform’s own', () => {
  it('comes from its variables and files, is lent as plans say, and names what is missing', async () => {
    const file = join(gateway.configFolder, 'robot.json')
    writeFileSync(file, JSON.stringify(ROBOT))
    const lender = await startGateway({
      providers: { azure: `${cloud.origin}/{resource}/openai/v1`, vertex: `${cloud.origin}/{project}/{region}` },
      env: {
        ...{ AZURE_API_KEY: KEY, GOOGLE_APPLICATION_CREDENTIALS: file, GOOGLE_CLOUD_LOCATION: 'us-east5' },
        TOLLGATE_VERTEX_TOKEN_URL: `${tokens.origin}/token`,
      },
    })
    const { key } = await lender.tenant('borrower', 'enterprise', { unpriced: 'allow' })
    const ask = (model: string) =>
      lender.call('POST', '/v1/chat/completions', { key, body: { model, messages: [{ role: 'user', content: 'Hi' }] } })
    expect((await ask('vertex/g')).headers.get('x-tollgate-key-source')).toBe('platform')
    expect(cloud.journal[0]).toMatchObject({ path: '/acme-prod/us-east5/models/g:generateContent', headers: { authorization: minted() } })
    const lacking = await ask('azure/d')
    expect(codeOf(lacking)).toMatchObject({ status: 503, code: 'credential_unreadable' })
    const explained = await lender.call('GET', '/v1/explain?model=azure/d', { key })
    expect(JSON.stringify(explained.body)).toContain('AZURE_RESOURCE_NAME')
    await lender.stop()
  })
})

describe('the machine’s account', () => {
  it('is asked of the machine where the operator says so, and pays as the platform', async () => {
    const lender = await startGateway({
      providers: { vertex: `${cloud.origin}/{project}/{region}` },
      env: { GOOGLE_VERTEX_METADATA: 'on', GOOGLE_CLOUD_PROJECT: 'acme', TOLLGATE_VERTEX_TOKEN_URL: `${tokens.origin}/computeMetadata` },
    })
    const { key } = await lender.tenant('borrower', 'enterprise', { unpriced: 'allow' })
    const body = { model: 'vertex/g', messages: [{ role: 'user', content: 'Hi' }] }
    const answer = await lender.call('POST', '/v1/chat/completions', { key, body })
    expect(answer.headers.get('x-tollgate-key-source')).toBe('platform')
    expect(tokens.journal).toMatchObject([{ method: 'GET', path: '/computeMetadata', headers: { 'metadata-flavor': 'Google' } }])
    expect(cloud.journal).toMatchObject([{ path: '/acme/global/models/g:generateContent', headers: { authorization: minted() } }])
    expect(lender.printed.join('\n')).toMatch(/GOOGLE_VERTEX_METADATA, may be spent by/)
    await lender.stop()
  })
})

describe('what was recorded', () => {
  it('holds no token, and is played without one', async () => {
    const record = mkdtempSync(join(tmpdir(), 'tollgate-recorded-'))
    const options = {
      providers: { azure: `${cloud.origin}/{resource}/openai/v1` },
      env: { TOLLGATE_AZURE_TOKEN_URL: `${tokens.origin}/token` },
    }
    const ask = async (running: TestGateway) => {
      const { key } = await running.tenant('recorded', 'enterprise')
      await running.api('PUT', '/tenants/recorded/provider-keys/azure', { fields: APP })
      const answer = await running.call('POST', '/v1/chat/completions', {
        key,
        body: { model: 'azure/d', messages: [{ role: 'user', content: 'Hi' }] },
      })
      await running.stop()
      return answer.body
    }
    const said = await ask(await startGateway({ ...options, record }))
    const kept = readdirSync(record, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.json'))
    expect(kept).toHaveLength(1)
    expect(readFileSync(join(record, kept[0]!), 'utf8')).not.toContain(MINTED)
    expect(await ask(await startGateway({ ...options, replay: record }))).toEqual(said)
    expect(tokens.journal).toHaveLength(1)
    rmSync(record, { recursive: true })
  })
})

describe('none of it', () => {
  it('is said, logged or stored in clear', async () => {
    await put('azure', { fields: APP })
    cloud.answer(({ headers }) => ({ status: 500, body: { error: { message: `no: ${JSON.stringify(headers)}` } } }))
    const said = [
      await chat('azure/d'),
      await gateway.api('GET', `/tenants/${tenant.slug}/provider-keys`),
      await gateway.api('POST', `/tenants/${tenant.slug}/provider-keys/azure/diagnose`),
      await gateway.api('GET', '/audit'),
      await gateway.api('GET', '/requests'),
    ].map(({ headers, body }) => `${JSON.stringify([...headers])}${JSON.stringify(body)}`)
    const kept = Object.values(await gateway.state.stored())
    const line = PEM.split('\n')[2] ?? 'a line of the key'
    for (const secret of [KEY, CLIENT_SECRET, MINTED, line]) {
      expect([...said, ...gateway.log, ...gateway.printed, ...kept].some((text) => text.includes(secret))).toBe(false)
    }
  })
})
