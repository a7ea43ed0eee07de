import { connect } from 'node:net'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { completion, openRelayed, type Relayed } from '../support/relayed.ts'

// What a stranger, a broken client or an attacker sends: a stable code and the true status, soon; nothing sent on, nothing booked.

/** Milliseconds; the promise is 50 on a machine of one's own. */
const SOON = 250
const MOST_BODY = 2 * 1024 * 1024

let scene: Relayed
let other: { id: string; slug: string; key: string }
beforeAll(async () => {
  scene = await openRelayed({ script: { body: completion() }, config: { 'gateway.yaml': 'sizes: { body: 2MiB }\n' } })
  other = await scene.hand.tenant('other', 'enterprise')
})
afterAll(() => scene.close())
afterEach(() => {
  scene.provider.journal.length = 0
})

/** Node's fetch takes more than its types name. */
type Sent = NonNullable<RequestInit['body']>

interface Refused {
  status: number
  code: string
  param?: string | null
}

/** What came back, after checking what every refusal has in common. */
async function refused(ask: () => Promise<Response>): Promise<Refused> {
  const booked = (await scene.hand.booked()).length
  const began = performance.now()
  const response = await ask()
  const text = await response.text()
  expect(performance.now() - began, 'milliseconds to the refusal').toBeLessThan(SOON)
  expect(scene.provider.journal.length, 'requests that reached a provider').toBe(0)
  expect((await scene.hand.booked()).length, 'rows in the books').toBe(booked)
  expect(response.headers.get('x-request-id')).toMatch(/^req_/)
  const { error } = JSON.parse(text)
  expect(error.metadata.request_id).toBe(response.headers.get('x-request-id'))
  expect(error.message).toMatch(/\w/)
  return { status: response.status, code: error.code, ...(error.param && { param: error.param }) }
}

const url = (path = '/v1/chat/completions') => scene.gateway.url + path
const JSON_TYPE = { 'content-type': 'application/json' }
const GOOD = { model: 'openai/gpt-4o', messages: [{ role: 'user', content: 'Hello' }] }

function sending(body: string | Buffer, headers: Record<string, string> = {}): () => Promise<Response> {
  return () =>
    fetch(url(), { method: 'POST', headers: { ...JSON_TYPE, authorization: `Bearer ${scene.tenant.key}`, ...headers }, body: body as Sent })
}

const holding = (headers: Record<string, string>, path?: string) => () =>
  fetch(url(path), { method: 'POST', headers: { ...JSON_TYPE, ...headers }, body: JSON.stringify(GOOD) })

describe('keys and tags', () => {
  const unknown = { status: 401, code: 'invalid_api_key' }
  const rows: [string, () => () => Promise<Response>, Refused][] = [
    ['no key', () => holding({}), unknown],
    ['an unknown key', () => holding({ authorization: 'Bearer sk-nobody' }), unknown],
    ['a key of ours with a wrong checksum', () => holding({ authorization: `Bearer sk-tg-t${'a'.repeat(59)}` }), unknown],
    ['a real key and one character more', () => holding({ authorization: `Bearer ${scene.tenant.key}x` }), unknown],
    ['a real key cut short', () => holding({ authorization: `Bearer ${scene.tenant.key.slice(0, -1)}` }), unknown],
    ['SQL', () => holding({ authorization: "Bearer ' OR 1=1 --" }), unknown],
    ['a name from the environment', () => holding({ authorization: 'Bearer os.environ/OPENAI_API_KEY' }), unknown],
    ['a placeholder', () => holding({ 'x-api-key': '{{OPENAI_API_KEY}}' }), unknown],
    ['an expired key', () => holding({ authorization: `Bearer ${expired}` }), unknown],
    ['Basic', () => holding({ authorization: `Basic ${Buffer.from(`x:${scene.tenant.key}`).toString('base64')}` }), unknown],
    ['a key of a megabyte', () => holding({ authorization: `Bearer ${'k'.repeat(8_000)}` }), unknown],
    [
      'two keys that differ',
      () => holding({ authorization: `Bearer ${scene.tenant.key}`, 'x-api-key': other.key }),
      { status: 400, code: 'ambiguous_credentials' },
    ],
    [
      'the tag of another tenant',
      () => holding({ authorization: `Bearer ${scene.tenant.key}`, 'x-tenant-id': 'other' }),
      { status: 403, code: 'tenant_mismatch' },
    ],
    [
      'the tag of nobody',
      () => holding({ authorization: `Bearer ${scene.tenant.key}`, 'x-tenant-id': 'nobody' }),
      { status: 403, code: 'tenant_mismatch' },
    ],
    [
      'the path of another tenant',
      () => holding({ authorization: `Bearer ${scene.tenant.key}` }, '/t/other/v1/chat/completions'),
      { status: 403, code: 'tenant_mismatch' },
    ],
    ['an admin key', () => holding({ authorization: `Bearer ${scene.gateway.adminKey}` }), { status: 403, code: 'key_not_allowed_here' }],
    ['a suspended tenant', () => holding({ authorization: `Bearer ${suspended}` }), { status: 403, code: 'tenant_suspended' }],
  ]
  let expired = ''
  let suspended = ''
  beforeAll(async () => {
    expired = await scene.hand.key({ tenant: scene.tenant.id, expiresAt: '2020-01-01T00:00:00Z' })
    const held = await scene.hand.tenant('held', 'enterprise')
    await scene.hand.run("UPDATE tenants SET status = 'suspended' WHERE slug = 'held'")
    suspended = held.key
    await new Promise((resolve) => setTimeout(resolve, 1_000))
  })
  it.for(rows)('%s', async ([, ask, expected]) => {
    expect(await refused(ask())).toEqual(expected)
  })

  const carriers: [string, () => Record<string, string>][] = [
    ['x-tollgate-key', () => ({ 'x-tollgate-key': scene.tenant.key })],
    ['x-tollgate-key beside any other', () => ({ 'x-tollgate-key': scene.tenant.key, authorization: `Bearer ${other.key}` })],
    ['bearer in lower case', () => ({ authorization: `bearer ${scene.tenant.key}` })],
    ['x-api-key beside a placeholder', () => ({ 'x-api-key': scene.tenant.key, authorization: 'Bearer sk-placeholder' })],
    ['api-key', () => ({ 'api-key': scene.tenant.key })],
    ['x-goog-api-key', () => ({ 'x-goog-api-key': scene.tenant.key })],
    ['the same key twice', () => ({ 'x-api-key': scene.tenant.key, authorization: `Bearer ${scene.tenant.key}` })],
    ['its own tag', () => ({ authorization: `Bearer ${scene.tenant.key}`, 'x-tenant-id': 'acme' })],
  ]
  it.for(carriers)('%s is served, and no header of the client reaches the provider', async ([, headers]) => {
    const smuggled = {
      cookie: 'session=1',
      'x-forwarded-for': '10.0.0.1',
      'x-custom': 'mine',
      'openai-organization': 'org-mine',
      referer: 'https://app.test',
    }
    const response = await holding({ ...headers(), ...smuggled })()
    await response.text()
    expect(response.status).toBe(200)
    const { headers: sent } = scene.provider.journal[0]!
    expect(Object.keys(sent).sort()).toEqual([
      'accept',
      'accept-encoding',
      'authorization',
      'connection',
      'content-length',
      'content-type',
      'host',
      'user-agent',
      'x-tollgate-hop',
    ])
    expect(sent['authorization']).toBe('Bearer sk-proj-of-the-tenant-0001')
  })
})

describe('media', () => {
  const wrong = { status: 415, code: 'unsupported_media_type' }
  const rows: [string, Record<string, string>][] = [
    ['text', { 'content-type': 'text/plain' }],
    ['a form', { 'content-type': 'application/x-www-form-urlencoded' }],
    ['multipart with a boundary of 10 KB dashes', { 'content-type': `multipart/form-data; boundary=${'-'.repeat(10_000)}` }],
    ['UTF-16', { 'content-type': 'application/json; charset=utf-16' }],
    ['Latin-1', { 'content-type': 'application/json; charset=iso-8859-1' }],
    ['gzip', { 'content-encoding': 'gzip' }],
    ['codings in a row', { 'content-encoding': 'gzip, gzip, gzip, br' }],
  ]
  it.for(rows)('%s', async ([, headers]) => {
    expect(await refused(sending(JSON.stringify(GOOD), headers))).toEqual(wrong)
  })
})

describe('a body', () => {
  const invalid = { status: 400, code: 'invalid_json' }
  const said = JSON.stringify(GOOD)
  const rows: [string, string | Buffer, Refused][] = [
    ['empty', '', invalid],
    ['null', 'null', invalid],
    ['a list', '[]', invalid],
    ['a string', '"model"', invalid],
    ['with a trailing comma', '{"model":"openai/gpt-4o",}', invalid],
    ['with a comment', '{"model":"openai/gpt-4o"/* hi */}', invalid],
    ['with single quotes', "{'model':'openai/gpt-4o'}", invalid],
    ['with a byte order mark', `\ufeff${said}`, invalid],
    ['with two roots', said + said, invalid],
    ['with a NUL', `${said}\0`, invalid],
    ['in UTF-16', Buffer.from(said, 'utf16le'), invalid],
    ['with brackets that do not pair', '{"model":"openai/gpt-4o","messages":[}]', invalid],
    ...Array.from({ length: 15 }, (_, at): [string, string, Refused] => [
      `cut after ${at + 1}/16`,
      said.slice(0, (said.length * (at + 1)) / 16),
      invalid,
    ]),
    ['with 0xFF', Buffer.concat([Buffer.from('{"model":"'), Buffer.of(0xff), Buffer.from('"}')]), { status: 400, code: 'invalid_utf8' }],
    [
      'with an overlong slash',
      Buffer.concat([Buffer.from('{"model":"'), Buffer.of(0xc0, 0xaf), Buffer.from('"}')]),
      { status: 400, code: 'invalid_utf8' },
    ],
    ...['model', 'stream', 'max_tokens', 'messages', 'tools'].map((name): [string, string, Refused] => [
      `with ${name} twice`,
      `{"${name}":1,"a":2,"${name}":3}`,
      { status: 400, code: 'duplicate_key', param: name },
    ]),
    ['with model twice, once in escapes', '{"model":"a","mo\\u0064el":"b"}', { status: 400, code: 'duplicate_key', param: 'model' }],
    ['65 levels deep', `{"a":${'['.repeat(65)}${']'.repeat(65)}}`, { status: 400, code: 'json_too_deep' }],
    ['500,000 levels deep', `{"a":${'['.repeat(500_000)}${']'.repeat(500_000)}}`, { status: 400, code: 'json_too_deep' }],
    ['of a million brackets that never close', `{"a":${'{"a":'.repeat(180_000)}`, { status: 400, code: 'json_too_deep' }],
    ['of half a million numbers', `{"a":[${'1,'.repeat(500_000)}1]}`, { status: 400, code: 'json_too_complex' }],
    [
      'of 100,000 keys',
      `{${Array.from({ length: 100_000 }, (_, at) => `"k${at}":1`).join(',')}}`,
      { status: 400, code: 'json_too_complex' },
    ],
    ['of a megabyte in one key', `{"${'k'.repeat(1024 * 1024)}":1}`, { status: 400, code: 'invalid_value', param: 'model' }],
    ['of quotes and backslashes', `{"a":"${'\\\\'.repeat(500_000)}`, invalid],
  ]
  it.for(rows)('%s', async ([, body, expected]) => {
    expect(await refused(sending(body))).toEqual(expected)
  })

  it('a deep one of brackets that pair is served one level before the bound', async () => {
    const deep = `{"model":"openai/gpt-4o","messages":[],"a":${'['.repeat(63)}${']'.repeat(63)}}`
    expect((await sending(deep)()).status).toBe(200)
  })

  it('larger than the gateway takes is 413, said before it was all read and heard by the client', async () => {
    for (const size of [MOST_BODY + 1, 16 * 1024 * 1024]) {
      const body = Buffer.alloc(size, ' ')
      expect(await refused(sending(body))).toEqual({ status: 413, code: 'request_too_large' })
    }
    expect((await sending(JSON.stringify({ ...GOOD, model: 'openai/any' }).padEnd(MOST_BODY))()).status, 'one exactly as large').toBe(200)
  })

  it('of unknown length is 413 once it has grown too large', async () => {
    const chunks = Array.from({ length: 40 }, () => Buffer.alloc(64 * 1024, ' '))
    const ask = () =>
      fetch(url(), {
        method: 'POST',
        headers: { ...JSON_TYPE, authorization: `Bearer ${scene.tenant.key}` },
        body: ReadableStream.from(chunks) as Sent,
        duplex: 'half',
      } as RequestInit)
    expect(await refused(ask)).toEqual({ status: 413, code: 'request_too_large' })
  })

  it('of somebody unknown is not waited for', async () => {
    const ask = () =>
      fetch(url(), { method: 'POST', headers: { ...JSON_TYPE, authorization: 'Bearer sk-nobody' }, body: Buffer.alloc(MOST_BODY) as Sent })
    expect(await refused(ask)).toEqual({ status: 401, code: 'invalid_api_key' })
  })
})

describe('a field', () => {
  const wrong: [string, unknown[]][] = [
    ['model', [undefined, null, '', 0, true, [], {}]],
    ['stream', ['true', 1, [], {}]],
    ['stream_options', ['x', 1, true, []]],
    ['max_tokens', [-1, 0, 1.5, '10', true, 2 ** 53, [], {}]],
    ['max_completion_tokens', [-1, 0, 0.5, 'ten']],
    ['user', [1, [], {}]],
  ]
  const rows = wrong.flatMap(([name, values]) => values.map((value) => [name, value] as const))
  it.for(rows)('%s: %j is refused by name', async ([name, value]) => {
    const body = JSON.stringify({ ...GOOD, [name]: value })
    expect(await refused(sending(body))).toEqual({ status: 400, code: 'invalid_value', param: name })
  })

  it('that is a number no JavaScript holds passes untouched', async () => {
    const body = '{"model":"openai/gpt-4o","messages":[],"seed":9223372036854775807,"x":1e309,"y":-0,"z":1.0,"w":0.1000000000000000055}'
    await sending(body)()
    expect(scene.provider.journal[0]!.body.toString()).toBe(body.replace('openai/gpt-4o', 'gpt-4o'))
  })

  it('named like a prototype is data', async () => {
    const body =
      '{"model":"openai/gpt-4o","messages":[],"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},"toString":1}'
    expect((await sending(body)()).status).toBe(200)
    expect(scene.provider.journal[0]!.body.toString()).toBe(body.replace('openai/gpt-4o', 'gpt-4o'))
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
  })

  for (const model of ['anthropic/claude-sonnet-4-5', 'google/gemini-2.5-flash']) {
    it(`with a name no header may hold is told of in one, translated for ${model}`, async () => {
      scene.provider.answer({
        body: { type: 'message', content: [{ type: 'text', text: 'Hi' }], candidates: [{ content: { parts: [{ text: 'Hi' }] } }] },
      })
      const odd = { 'a\r\nx-injected: 1': 1, Ċ: 2, ['long'.repeat(5_000)]: 3 }
      const response = await sending(JSON.stringify({ ...GOOD, model, ...odd }))()
      await response.text()
      scene.provider.answer({ body: completion() })
      expect({ status: response.status, injected: response.headers.get('x-injected') }).toEqual({ status: 200, injected: null })
      expect(response.headers.get('x-tollgate-params-dropped')).toMatch(/^a%0D%0Ax-injected: 1, %C4%8A, longlong/)
    })
  }
})

describe('a model', () => {
  const unknown = [
    'no-such-model',
    'GPT-4O',
    'gpt-4o ',
    ' gpt-4o',
    'nobody/gpt-4o',
    '/gpt-4o',
    'openai/',
    '../admin',
    '*',
    'gpt-*',
    '__proto__',
    'constructor',
    'é'.repeat(5_000),
    'a\r\nb',
    '(a+)+$',
  ]
  it.for(unknown.map((name) => [name.slice(0, 20), name] as const))('%j is unknown', async ([, model]) => {
    expect(await refused(sending(JSON.stringify({ ...GOOD, model })))).toEqual({ status: 404, code: 'model_not_found', param: 'model' })
  })

  const hostile = [
    '../../admin',
    '..%2f..',
    'x?key=stolen',
    'x#@evil.test',
    'x:generateContent',
    'projects/victim/models/x',
    '\r\nx: y',
    'é',
    '@evil.test/',
  ]
  it.for(hostile)('google/%j stays one segment of the path', async (name) => {
    scene.provider.answer({ body: { candidates: [{ content: { parts: [{ text: 'Hi' }] }, finishReason: 'STOP' }] } })
    const response = await sending(JSON.stringify({ ...GOOD, model: `google/${name}` }))()
    await response.text()
    scene.provider.answer({ body: completion() })
    const [received] = scene.provider.journal
    if (response.status >= 400) expect(received).toBeUndefined()
    else expect(received!.path).toBe(`/google/models/${encodeURIComponent(name)}:generateContent`)
  })

  it('of a retired provider with any name is told of in a header that holds it', async () => {
    const response = await sending(JSON.stringify({ ...GOOD, model: 'minimax_2_7/é\r\nx-injected: 1' }))()
    await response.text()
    expect(response.headers.get('x-injected')).toBeNull()
    expect(response.headers.get('x-tollgate-deprecated')).toBe('minimax_2_7/%C3%A9%0D%0Ax-injected: 1 -> minimax/%C3%A9%0D%0Ax-injected: 1')
  })
})

describe('a path', () => {
  const rows: [string, string, number, string][] = [
    ['POST', '/v1/chat/completion', 404, 'not_found'],
    ['POST', '/V1/chat/completions', 404, 'not_found'],
    ['POST', '/v1//chat/completions', 404, 'not_found'],
    ['POST', '/v1/chat%2Fcompletions', 404, 'not_found'],
    ['POST', '/v1/chat/completions/', 404, 'not_found'],
    ['POST', '//v1/chat/completions', 404, 'not_found'],
    ['POST', '/t//v1/chat/completions', 404, 'not_found'],
    ['POST', '/t/acme/admin/v1/tenants', 404, 'not_found'],
    ['GET', '/v1/chat/completions', 405, 'method_not_allowed'],
    ['DELETE', '/v1/chat/completions', 405, 'method_not_allowed'],
    ['GET', '/v1/models/%E0%A4%A', 404, 'model_not_found'],
  ]
  it.for(rows)('%s %s', async ([method, path, status, code]) => {
    const body = method === 'POST' ? { body: JSON.stringify(GOOD) } : {}
    const ask = () => fetch(url(path), { method, headers: { ...JSON_TYPE, authorization: `Bearer ${scene.tenant.key}` }, ...body })
    expect(await refused(ask)).toMatchObject({ status, code })
  })

  it('works with and without /v1, and with the tenant before either', async () => {
    for (const path of [
      '/v1/chat/completions',
      '/chat/completions',
      '/t/acme/v1/chat/completions',
      '/t/acme/chat/completions',
      `/t/${scene.tenant.id}/v1/chat/completions`,
    ]) {
      const response = await holding({ authorization: `Bearer ${scene.tenant.key}` }, path)()
      await response.text()
      expect({ path, status: response.status }).toEqual({ path, status: 200 })
    }
  })
})

describe('bytes that are hardly HTTP', () => {
  const body = JSON.stringify(GOOD)
  const post = (headers: string[], path = '/v1/chat/completions', version = '1.1') =>
    `${[`POST ${path} HTTP/${version}`, 'host: gateway.test', 'content-type: application/json', `authorization: Bearer ${scene.tenant.key}`, ...headers].join('\r\n')}\r\n\r\n${body}`
  const length = `content-length: ${body.length}`

  const rows: [string, () => string, number, string | undefined][] = [
    ['a length and chunks', () => post([length, 'transfer-encoding: chunked']), 400, 'invalid_header'],
    ['two lengths that differ', () => post([length, 'content-length: 3']), 400, 'invalid_header'],
    ['a negative length', () => post(['content-length: -1']), 400, 'invalid_header'],
    ['a length in hex', () => post(['content-length: 0x10']), 400, 'invalid_header'],
    ['a coding nobody knows', () => post(['transfer-encoding: identity, chunked, gzip']), 400, 'invalid_header'],
    ['chunks in HTTP/1.0', () => post(['transfer-encoding: chunked'], undefined, '1.0'), 400, 'invalid_header'],
    ['a folded header', () => post([length, 'x-folded: a', ' b']), 400, 'invalid_header'],
    ['a space before the colon', () => post([length, 'x-spaced : a']), 400, 'invalid_header'],
    ['a NUL in a header', () => post([length, 'x-nul: a\0b']), 400, 'invalid_header'],
    ['two hosts', () => post([length, 'host: evil.test']), 400, 'invalid_header'],
    ['two authorizations', () => post([length, 'authorization: Bearer another']), 400, 'ambiguous_credentials'],
    ['a header of 20 KiB', () => post([length, `x-large: ${'a'.repeat(20 * 1024)}`]), 431, 'invalid_header'],
    ['an absolute target', () => post([length], 'http://evil.test/v1/chat/completions'), 400, 'invalid_header'],
    ['HTTP/2 preface', () => 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 400, 'invalid_header'],
    ['no HTTP at all', () => '\x16\x03\x01\x02\x00\x01\x00\x01', 400, 'invalid_header'],
    [
      'a chunk size that overflows',
      () => post(['transfer-encoding: chunked']).replace(body, 'fffffffffffffffff\r\nx'),
      400,
      'invalid_header',
    ],
  ]
  it.for(rows)('%s', async ([, bytes, status, code]) => {
    const booked = (await scene.hand.booked()).length
    const began = performance.now()
    const answer = await raw(bytes())
    expect(performance.now() - began).toBeLessThan(SOON)
    expect({ status: Number(/^HTTP\/1\.1 (\d+)/.exec(answer)?.[1]), code: /"code":"(\w+)"/.exec(answer)?.[1] }).toEqual({ status, code })
    expect({ sent: scene.provider.journal.length, booked: (await scene.hand.booked()).length }).toEqual({ sent: 0, booked })
  })

  it('a second request behind the body of the first is one of its own, or none', async () => {
    const smuggled = `${post([length])}GET /admin/v1/tenants HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n`
    const answer = await raw(smuggled)
    expect([...answer.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => status)).toEqual(['200', '401'])
    scene.provider.journal.length = 0
    await scene.hand.settled(scene.tenant.id)
  })
})

describe('a loop', () => {
  it('is told from the header that every request to a provider carries', async () => {
    await sending(JSON.stringify(GOOD))()
    const hop = scene.provider.journal[0]!.headers['x-tollgate-hop']!
    scene.provider.journal.length = 0
    expect(await refused(sending(JSON.stringify(GOOD), { 'x-tollgate-hop': hop }))).toEqual({ status: 508, code: 'loop_detected' })
    expect((await sending(JSON.stringify(GOOD), { 'x-tollgate-hop': 'another-gateway' })()).status).toBe(200)
  })
})

/** Everything that comes back until the gateway closes or is silent. */
function raw(bytes: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(Number(new URL(scene.gateway.url).port), '127.0.0.1')
    let text = ''
    const done = () => {
      socket.destroy()
      resolve(text)
    }
    socket.setTimeout(150, done)
    socket.on('data', (chunk) => {
      text += chunk
    })
    socket.on('close', done).on('error', () => undefined)
    socket.write(Buffer.from(bytes, 'latin1'))
  })
}
