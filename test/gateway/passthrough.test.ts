import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type Families, openFamilies } from '../support/families.ts'

// A provider's own API under /providers/<id>/…: judged, paid and booked like everything else, its bytes untouched.

let scene: Families

beforeAll(async () => {
  scene = await openFamilies(['openai', 'anthropic', 'google', 'groq'], { env: { MISTRAL_API_KEY: 'platform-key-of-mistral-0001' } })
})
afterAll(() => scene.close())
beforeEach(() => {
  scene.provider.journal.length = 0
  scene.provider.answer({ body: { object: 'list', data: [] } })
})

const ask = (path: string, init: RequestInit & { key?: string } = {}) =>
  fetch(scene.gateway.url + path, { ...init, headers: { authorization: `Bearer ${init.key ?? scene.tenant.key}`, ...init.headers } })

const json = (path: string, body: unknown, more: RequestInit & { key?: string } = {}) =>
  ask(path, {
    method: 'POST',
    ...more,
    headers: { 'content-type': 'application/json', ...more.headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  })

const last = () => scene.provider.journal.at(-1)

async function refusal(response: Response): Promise<{ status: number; code: string }> {
  const { error } = (await response.json()) as { error: { code: string } }
  return { status: response.status, code: error.code }
}

describe('a request for a provider’s own API', () => {
  it.each(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'])('goes there by %s, with its query and the tenant’s key', async (method) => {
    const response = await ask('/providers/openai/files/file-1?purpose=batch&after=x%20y', { method })
    expect(response.status).toBe(200)
    expect(last()).toMatchObject({ method, path: '/openai/v1/files/file-1?purpose=batch&after=x%20y' })
    expect(last()?.headers).toMatchObject({ authorization: 'Bearer key-of-OPENAI_API_KEY-0001', 'user-agent': 'tollgate' })
    expect(response.headers.get('x-tollgate-provider')).toBe('openai')
    expect(response.headers.get('x-tollgate-key-source')).toBe('tenant')
    expect(await response.text()).toBe(method === 'HEAD' ? '' : '{"object":"list","data":[]}')
  })

  it('is found with the tenant in the path, a former id, and the base URL’s own path repeated', async () => {
    const paths = {
      [`/t/${scene.tenant.slug}/providers/openai/v1/batches`]: '/openai/v1/batches',
      '/providers/openai/openai/v1/batches': '/openai/v1/batches',
      '/providers/groq/openai/v1/batches': '/groq/openai/v1/batches',
      '/providers/groq/v1/batches': '/groq/openai/v1/batches',
      '/providers/gemini/v1beta/files': '/google/v1beta/files',
      '/providers/anthropic/v1/files': '/anthropic/v1/files',
    }
    for (const [path, expected] of Object.entries(paths)) {
      const response = await ask(path)
      expect(response.status, path).toBe(200)
      expect(last()?.path, path).toBe(expected)
    }
    expect((await ask('/providers/gemini/files')).headers.get('x-tollgate-deprecated')).toBe('gemini/* -> google/*')
  })

  it('takes along what tells of the body and the dialect, and nothing else of what the client sent', async () => {
    await json(
      '/providers/anthropic/v1/files',
      { a: 1 },
      {
        headers: {
          'anthropic-beta': 'files-api-2025-04-14',
          'anthropic-version': '2026-10-21',
          cookie: 'session=1',
          'x-api-key': 'sk-ant-somebody-elses',
          'x-forwarded-for': '10.0.0.1',
          'x-tenant-id': scene.tenant.slug,
          'idempotency-key': 'once',
          accept: 'application/json',
        },
      },
    )
    const { headers } = last()!
    expect(headers).toMatchObject({
      'anthropic-beta': 'files-api-2025-04-14',
      'anthropic-version': '2026-10-21',
      accept: 'application/json',
      'content-type': 'application/json',
      'x-api-key': 'key-of-ANTHROPIC_API_KEY-0001',
    })
    for (const name of ['authorization', 'cookie', 'x-forwarded-for', 'x-tenant-id', 'idempotency-key'])
      expect(headers).not.toHaveProperty(name)
  })

  it('passes bodies byte for byte, JSON and all else', async () => {
    const body = ' {"purpose" : "batch",\n "n":12345678901234567890, "x":"\\u0041" } '
    await json('/providers/openai/batches', body)
    expect(last()?.body.toString()).toBe(body)
    const bytes = Buffer.from(Array.from({ length: 70_000 }, (_, at) => (at * 31) % 256))
    await ask('/providers/openai/uploads/u/parts', { method: 'POST', headers: { 'content-type': 'application/octet-stream' }, body: bytes })
    expect(last()?.body.equals(bytes)).toBe(true)
    expect(last()?.headers).toMatchObject({ 'content-type': 'application/octet-stream', 'content-length': '70000' })
  })

  it('passes forms with their files', async () => {
    const form = new FormData()
    form.set('purpose', 'batch')
    form.set('file', new Blob(['{"custom_id":"1"}\n']), 'batch.jsonl')
    const response = await ask('/providers/openai/files', { method: 'POST', body: form })
    expect(response.status).toBe(200)
    expect(last()?.body.toString()).toContain('name="file"; filename="batch.jsonl"')
    expect(last()?.body.toString()).toContain('{"custom_id":"1"}\n')
  })

  it('gets the provider’s answer as it is, error or not', async () => {
    scene.provider.answer({
      status: 201,
      headers: { 'content-type': 'text/plain', 'content-disposition': 'attachment', 'set-cookie': 'a=1', server: 'x' },
      body: 'line\n',
    })
    const made = await ask('/providers/openai/files/f/content')
    expect([made.status, made.headers.get('content-type'), made.headers.get('content-disposition')]).toEqual([
      201,
      'text/plain',
      'attachment',
    ])
    expect([made.headers.get('set-cookie'), made.headers.get('server')]).toEqual([null, null])
    expect(await made.text()).toBe('line\n')
    scene.provider.answer({
      status: 409,
      headers: { 'content-type': 'text/plain; charset=utf-8' },
      body: 'busy, said to key-of-OPENAI_API_KEY-0001',
    })
    const refused = await ask('/providers/openai/batches/b/cancel', { method: 'POST' })
    expect([refused.status, refused.headers.get('content-type')]).toEqual([409, 'text/plain; charset=utf-8'])
    const words = await refused.text()
    expect(words.startsWith('busy, said to ')).toBe(true)
    expect(words).not.toContain('key-of-OPENAI_API_KEY-0001')
  })

  it('passes parts of files', async () => {
    scene.provider.answer({
      status: 206,
      headers: { 'content-type': 'application/jsonl', 'content-range': 'bytes 2-4/9', 'accept-ranges': 'bytes', etag: '"1"' },
      body: 'abc',
    })
    const part = await ask('/providers/openai/files/f/content', { headers: { range: 'bytes=2-4' } })
    expect([part.status, part.headers.get('content-range'), part.headers.get('etag'), await part.text()]).toEqual([
      206,
      'bytes 2-4/9',
      '"1"',
      'abc',
    ])
    expect(last()?.headers['range']).toBe('bytes=2-4')
  })

  it('fails in the words of the protocol that the provider speaks', async () => {
    const response = await json('/providers/anthropic/v1/messages', { model: '' }, { key: 'nobody' })
    expect(await response.json()).toMatchObject({ type: 'error', error: { type: 'authentication_error' } })
    const google = await ask('/providers/google/files', { key: 'nobody' })
    expect(await google.json()).toMatchObject({ error: { code: 401, status: 'UNAUTHENTICATED' } })
  })

  it('does not follow a redirect', async () => {
    scene.provider.answer({ status: 302, headers: { location: 'http://169.254.169.254/' }, body: '' })
    expect(await refusal(await ask('/providers/openai/files/f/content'))).toEqual({ status: 502, code: 'upstream_protocol_error' })
  })

  it('does not spoil a key that is good for other things', async () => {
    scene.provider.answer({
      status: 401,
      body: { error: { message: 'You have insufficient permissions', type: 'invalid_request_error', code: 'invalid_api_key' } },
    })
    await ask('/providers/openai/organization/users')
    const { status, body } = await scene.gateway.api('GET', `/tenants/${scene.tenant.slug}/provider-keys`)
    expect([status, JSON.stringify(body)]).toEqual([200, expect.not.stringContaining('invalid')])
  })
})

describe('what it is judged by', () => {
  it('is refused by name where there is no such provider', async () => {
    expect(await refusal(await ask('/providers/nosuch/files'))).toEqual({ status: 404, code: 'not_found' })
  })

  it('is the plan’s endpoints, and nothing reaches the provider where they do not list it', async () => {
    const { hand } = scene
    const bound = await hand.tenant('bound', 'enterprise', { endpoints: ['chat'] })
    await hand.setting(bound.id, 'OPENAI_API_KEY', 'key-of-bound-0001')
    await hand.holds(bound.key, 'openai/gpt-4o')
    expect(await refusal(await ask('/providers/openai/files', { key: bound.key }))).toEqual({ status: 403, code: 'endpoint_not_in_plan' })
    expect(scene.provider.journal).toEqual([])
  })

  it('is a key of the tenant’s own: the platform’s is lent only where the plan says so', async () => {
    const response = await ask('/providers/mistral/files')
    expect(await refusal(response)).toEqual({ status: 403, code: 'credential_missing' })
    const { body } = await scene.gateway.call('GET', '/v1/explain?endpoint=passthrough&model=mistral', { key: scene.tenant.key })
    expect(body).toMatchObject({ verdict: 'refused', code: 'credential_missing', fix: 'tollgate provider-keys set families mistral' })
    expect(scene.provider.journal).toEqual([])
  })

  it('holds though the plan only observes', async () => {
    const { hand } = scene
    const watched = await hand.tenant('watched', 'enterprise', { enforcement: 'observe' })
    expect(await refusal(await ask('/providers/mistral/files', { key: watched.key }))).toEqual({ status: 403, code: 'credential_missing' })
  })

  it('never is a provider that asks for no key, since that is the platform’s', async () => {
    expect(await refusal(await ask('/providers/demo/models'))).toEqual({ status: 403, code: 'credential_missing' })
    const lent = await scene.hand.tenant('lent', 'enterprise', { passthrough: 'any_keys', unpriced: 'allow' })
    expect((await ask('/providers/demo/models', { key: lent.key })).status).toBe(200)
  })

  it('explains itself where the request asks', async () => {
    const response = await json('/providers/openai/batches', {}, { headers: { 'x-tollgate-explain': 'true' } })
    expect(await response.json()).toMatchObject({
      verdict: 'allowed',
      model: 'openai/*',
      offers: [{ name: 'openai/*', key_source: 'tenant' }],
    })
    expect(scene.provider.journal).toEqual([])
  })
})

describe('a model that the request names', () => {
  let narrow: { id: string; key: string }
  beforeAll(async () => {
    const { hand } = scene
    const overrides = { byok: { models: 'plan' }, models: ['openai/gpt-4o-mini', 'google/gemini-2.5-flash', 'anthropic/claude-haiku-4-5'] }
    narrow = await hand.tenant('narrow', 'enterprise', overrides)
    for (const name of ['OPENAI', 'GOOGLE', 'ANTHROPIC']) await hand.setting(narrow.id, `${name}_API_KEY`, `key-of-narrow-${name}`)
    await hand.holds(narrow.key, 'anthropic/claude-haiku-4-5')
  })

  const outcome = async (response: Response): Promise<string> => (response.status === 200 ? 'passed' : (await refusal(response)).code)
  const asNarrow = (path: string, body: unknown, headers: Record<string, string> = {}) =>
    json(path, body, { key: narrow.key, headers }).then(outcome)

  it('is judged at the top of a JSON body', async () => {
    expect(await asNarrow('/providers/openai/chat/completions', { model: 'gpt-4o-mini' })).toBe('passed')
    expect(await asNarrow('/providers/openai/chat/completions', { model: 'o1-pro' })).toBe('model_not_in_plan')
    expect(await asNarrow('/providers/openai/chat/completions', '{"mod\\u0065l":"o1-pro"}')).toBe('model_not_in_plan')
    expect(await asNarrow('/providers/openai/chat/completions', '{"model":"gpt-4o-mini","model":"o1-pro"}')).toBe('duplicate_key')
    expect(await asNarrow('/providers/openai/chat/completions', { model: 7 })).toBe('invalid_value')
  })

  it('is judged in the path', async () => {
    const google = '/providers/google/models'
    expect(await asNarrow(`${google}/gemini-2.5-flash:generateContent`, {})).toBe('passed')
    expect(await asNarrow(`${google}/gemini-2.5-flash:generateContent`, { model: 'models/gemini-2.5-flash' })).toBe('passed')
    const refused = await json(`${google}/gemini-2.5-pro:batchGenerateContent`, {}, { key: narrow.key })
    expect([refused.status, await refused.text()]).toEqual([403, expect.stringContaining('google/gemini-2.5-pro')])
    const two = await json(`${google}/gemini-2.5-flash:generateContent`, { model: 'models/gemini-2.5-pro' }, { key: narrow.key })
    expect([two.status, await two.text()]).toEqual([400, expect.stringContaining('two models')])
  })

  it('is judged whatever the body is called', async () => {
    const types = ['text/plain', 'application/octet-stream', 'application/jsonl', 'image/png']
    for (const type of types) {
      expect(await asNarrow('/providers/openai/chat/completions', ' \n{"model":"o1-pro"}', { 'content-type': type }), type).toBe(
        'model_not_in_plan',
      )
      expect(await asNarrow('/providers/openai/x', '{"model":"gpt-4o-mini"}\n{"model":"o1-pro"}', { 'content-type': type }), type).toBe(
        'invalid_json',
      )
    }
    const utf16 = Buffer.from('\ufeff{"model":"o1-pro"}', 'utf16le')
    for (const body of [utf16, Buffer.from(utf16).swap16()]) {
      const sent = await ask('/providers/openai/x', { method: 'POST', key: narrow.key, headers: { 'content-type': 'text/plain' }, body })
      expect((await refusal(sent)).code).toMatch(/^invalid_/)
    }
    expect(await asNarrow('/providers/openai/x', 'model=o1-pro', { 'content-type': 'application/x-www-form-urlencoded' })).toBe(
      'unsupported_media_type',
    )
    expect(await asNarrow('/providers/openai/x', 'x', { 'content-type': 'text/plain', 'content-encoding': 'gzip' })).toBe(
      'unsupported_media_type',
    )
  })

  it('is judged in a form, and refused after a file', async () => {
    const send = (...fields: [string, string | Blob][]) => {
      const form = new FormData()
      for (const [name, value] of fields) form.append(name, value)
      return ask('/providers/openai/audio/transcriptions', { method: 'POST', key: narrow.key, body: form }).then(outcome)
    }
    const file = new Blob(['sound'])
    expect(await send(['model', 'gpt-4o-mini'], ['file', file])).toBe('passed')
    expect(await send(['model', 'o1-pro'], ['file', file])).toBe('model_not_in_plan')
    expect(await send(['file', new Blob([Buffer.alloc(300_000)])], ['model', 'gpt-4o-mini'])).toBe('model_not_in_plan')
  })

  it('is refused after a file even where any model would do', async () => {
    const form = new FormData()
    form.append('file', new Blob([Buffer.alloc(300_000)]))
    form.append('model', 'gpt-4o-mini')
    expect(await refusal(await ask('/providers/openai/audio/transcriptions', { method: 'POST', body: form }))).toEqual({
      status: 400,
      code: 'invalid_value',
    })
  })

  it('below the top is one of all that the provider has', async () => {
    const batch = { requests: [{ custom_id: 'a', params: { model: 'claude-haiku-4-5' } }] }
    const ofNarrow = await json('/providers/anthropic/v1/messages/batches', batch, { key: narrow.key })
    expect([ofNarrow.status, await ofNarrow.text()]).toEqual([403, expect.stringContaining('anthropic/*')])
    expect((await json('/providers/anthropic/v1/messages/batches', batch)).status).toBe(200)
    const tools = { model: 'gpt-4o-mini', tools: [{ parameters: { properties: { model: { type: 'string' } } } }] }
    expect(await asNarrow('/providers/openai/chat/completions', tools)).toBe('passed')
    expect(await asNarrow('/providers/openai/chat/completions', '{"model":"gpt-4o-mini","x":{"model"   :\n    "o1-pro"}}')).toBe(
      'model_not_in_plan',
    )
  })

  it('is not named by a batch of files, which only whole providers may', async () => {
    expect(await asNarrow('/providers/openai/batches', { input_file_id: 'file-1' })).toBe('model_not_in_plan')
  })
})

describe('what is booked', () => {
  const rows = (before: number) => scene.hand.settled(scene.tenant.id, before + 1)
  const booked = async () => (await scene.hand.booked(scene.tenant.id)).length

  it('is the usage of an answer whose dialect is known', async () => {
    const seen = await booked()
    scene.provider.answer({
      body: { id: 'resp_1', object: 'response', output: [], usage: { input_tokens: 11, output_tokens: 5, total_tokens: 16 } },
    })
    await (await json('/providers/openai/v1/responses', { model: 'gpt-4o-mini', input: 'hi' })).text()
    const row = (await rows(seen)).at(-1)!
    expect(row).toMatchObject({ state: 'settled', start: { provider: 'openai', wireModel: 'gpt-4o-mini', endpoint: 'passthrough' } })
    expect(row.outcome).toMatchObject({ usage: { input: 11, output: 5 }, responseId: 'resp_1' })
    expect(row.cost).toBeGreaterThan(0)
  })

  it('is the usage of a stream, and the stream is untouched', async () => {
    const seen = await booked()
    const chunks = [
      ': hello\n\n',
      'data: {"id":"c","choices":[{"delta":{"con',
      'tent":"x"}}]}\n\ndata: {"id":"c","choices":[],"usage":{"prompt_tokens":3,"completion_tokens":2}}\n\n',
      'data: [DONE]\n\n',
    ]
    scene.provider.answer({ headers: { 'content-type': 'text/event-stream' }, chunks })
    const response = await json('/providers/openai/chat/completions', { model: 'gpt-4o-mini', stream: true })
    expect(await response.text()).toBe(chunks.join(''))
    expect((await rows(seen)).at(-1)).toMatchObject({ start: { stream: true }, outcome: { usage: { input: 3, output: 2 } } })
  })

  it('is unknown where it cannot be told, which is not nothing', async () => {
    const seen = await booked()
    await (await json('/providers/openai/batches', { input_file_id: 'file-1' })).text()
    const row = (await rows(seen)).at(-1)!
    expect(row).toMatchObject({ state: 'settled', cost: null, start: { wireModel: '*' } })
    expect(row.outcome).not.toHaveProperty('usage')
  })

  it('is not told twice by reading what is kept', async () => {
    const seen = await booked()
    scene.provider.answer({ body: { id: 'resp_1', usage: { input_tokens: 11, output_tokens: 5 } } })
    await (await ask('/providers/openai/responses/resp_1')).text()
    expect((await rows(seen)).at(-1)!.outcome).not.toHaveProperty('usage')
  })

  it('is free where the provider refused', async () => {
    const seen = await booked()
    scene.provider.answer({ status: 400, body: { error: { message: 'no' } } })
    await (await json('/providers/openai/batches', {})).text()
    expect((await rows(seen)).at(-1)).toMatchObject({ state: 'released', outcome: { status: 400 } })
  })
})
