import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { eventsOf } from '../contract/dialects/recordings.ts'
import {
  type Behaviour,
  behaviours,
  CHUNKED,
  type ChaosProvider,
  chunk,
  json,
  OPEN_ENDED,
  startChaosProvider,
} from '../support/chaos-provider.ts'
import { completion, delta, finish, framed, openRelayed, type Relayed } from '../support/relayed.ts'

// What goes wrong at a provider, and what a client gets for it: one stable code, one status, one end.

const DEADLINES = 'deadlines: { connect: 400ms, first_byte: 400ms, first_byte_unstreamed: 600ms, progress: 500ms, total: 1500ms }\n'
const SIZES = 'sizes: { answer_frame: 256KiB }\n'
/** Bare names that two providers offer, in this order: a test takes one that no other test has brought into trouble. */
const routes = Array.from({ length: 40 }, (_, at) => `either-${at}`)
const MODELS = `routes:\n${routes.map((name) => `  ${name}: [openai/${name}, groq/${name}]`).join('\n')}\n`

let scene: Relayed
let chaos: ChaosProvider
beforeAll(async () => {
  chaos = await startChaosProvider(behaviours.silence())
  scene = await openRelayed({
    providers: { openai: `${chaos.origin}/v1`, mistral: `${chaos.origin.replace('http:', 'https:')}/v1` },
    config: { 'gateway.yaml': DEADLINES + SIZES, 'models.yaml': MODELS },
  })
})
afterAll(async () => {
  await scene.close()
  await chaos.close()
})
afterEach(() => {
  chaos.journal.length = 0
  scene.provider.journal.length = 0
})

interface Told {
  status: number
  code: string
  origin: string | null
  retry: string | null
}

async function told(behaviour: Behaviour, body: object = {}): Promise<Told> {
  chaos.behave(behaviour)
  const response = await scene.post(body)
  const { error } = (await response.json()) as { error: { code: string } }
  const { headers } = response
  return { status: response.status, code: error.code, origin: headers.get('x-tollgate-error-origin'), retry: headers.get('x-should-retry') }
}

describe('an answer that is none', () => {
  const PROTOCOL = { status: 502, code: 'upstream_protocol_error', origin: 'provider', retry: 'false' }
  const LOST = { ...PROTOCOL, code: 'upstream_disconnected' }
  const rows: [string, Behaviour, Told][] = [
    [
      'HTML with status 200',
      behaviours.says('HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: 13\r\n\r\n<html></html>'),
      PROTOCOL,
    ],
    ['HTML with status 502', behaviours.html(), { status: 502, code: 'upstream_error', origin: 'provider', retry: null }],
    ['truncated JSON', behaviours.truncatedJson(), PROTOCOL],
    ['an empty body', behaviours.says(json('')), PROTOCOL],
    ['a header of 10 MB', behaviours.hugeHeader(10 * 1024 * 1024), PROTOCOL],
    ['no HTTP at all', behaviours.saysThenFinishes('SSH-2.0-OpenSSH_9.9\r\n'), PROTOCOL],
    ['informational answers without end', behaviours.says('HTTP/1.1 103 Early Hints\r\n\r\n'.repeat(100)), PROTOCOL],
    ['a body shorter than announced', behaviours.saysThenFinishes('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{}'), LOST],
    ['a reset before the head', behaviours.saysThenResets(), LOST],
    ...[301, 302, 303, 307, 308].map((status): [string, Behaviour, Told] => [
      `a redirect (${status})`,
      behaviours.redirect('http://127.0.0.1:1/steal', status),
      PROTOCOL,
    ]),
  ]
  it.for(rows)('%s', async ([, behaviour, expected]) => {
    expect(await told(behaviour)).toEqual(expected)
    expect(chaos.journal.length, 'requests the provider saw').toBe(1)
  })

  it('a line without end in a stream', async () => {
    const got = await told(behaviours.endlessLine(), { stream: true })
    expect(got).toEqual(PROTOCOL)
  })

  it('a line without end after a good beginning is one error frame', async () => {
    chaos.behave(async (wire) => {
      await wire.send(OPEN_ENDED + framed([delta('Hel')]))
      await wire.pause(50)
      await wire.send('data: ')
      while (!wire.gone) await wire.send(Buffer.alloc(64 * 1024, 'a'))
    })
    const events = eventsOf(await (await scene.post({ stream: true })).text())
    expect(events.map(({ data }) => JSON.parse(data).error?.code)).toEqual([undefined, 'upstream_protocol_error'])
  })

  it('an event cut in the middle of its JSON has broken off: a translated stream ends with one error frame', async () => {
    scene.provider.answer({
      headers: { 'content-type': 'text/event-stream' },
      chunks: [
        'data: {"candidates":[{"content":{"parts":[{"text":"Hel"}],"role":"model"},"index":0}]}\n\n',
        40,
        'data: {"candidates":[{"content":{"parts":[{"te',
      ],
    })
    const events = eventsOf(await (await scene.post({ model: 'google/gemini-2.5-flash', stream: true })).text())
    expect(events.map(({ data }) => JSON.parse(data).error?.code)).toEqual([undefined, 'upstream_disconnected'])
  })

  it('nobody listening', async () => {
    await chaos.close()
    const { port } = chaos
    const response = await scene.post()
    const { error } = (await response.json()) as { error: { code: string } }
    chaos = await startChaosProvider(behaviours.silence(), port)
    expect({ status: response.status, code: error.code }).toEqual({ status: 502, code: 'upstream_unreachable' })
  })
})

describe('a deadline', () => {
  const LATE = { status: 504, code: 'upstream_timeout', origin: 'provider', retry: 'false' }

  it('on the connection, its TLS handshake included; nothing was sent, so a retry is safe', async () => {
    await scene.hand.setting(scene.tenant.id, 'MISTRAL_API_KEY', 'mistral-key-of-the-tenant')
    await scene.hand.holds(scene.tenant.key, 'mistral/any')
    const booked = (await scene.hand.booked(scene.tenant.id)).length
    const began = performance.now()
    expect(await told(behaviours.silence(), { model: 'mistral/any' })).toEqual({ ...LATE, retry: null })
    expect(performance.now() - began).toBeLessThan(1_500)
    const rows = await scene.hand.settled(scene.tenant.id, booked + 1)
    expect(rows.at(-1)).toMatchObject({ state: 'released' })
  })

  it('on the first byte of a stream', async () => {
    const began = performance.now()
    expect(await told(behaviours.silence(), { stream: true })).toEqual(LATE)
    expect(performance.now() - began).toBeGreaterThan(390)
    expect(performance.now() - began).toBeLessThan(900)
  })

  it('on the first byte of a whole answer is longer', async () => {
    const began = performance.now()
    expect(await told(behaviours.silence())).toEqual(LATE)
    expect(performance.now() - began).toBeGreaterThan(590)
  })

  it('on progress, which comments are not', async () => {
    chaos.behave(async (wire) => {
      await wire.send(OPEN_ENDED + framed([delta('Hel')]))
      while (!wire.gone) {
        await wire.send(': still here\n\n')
        await wire.pause(100)
      }
    })
    const text = await (await scene.post({ stream: true })).text()
    const events = eventsOf(text)
    expect(events.map(({ data }) => JSON.parse(data).error?.code)).toEqual([undefined, 'upstream_timeout'])
    expect(text.split(': still here').length - 1, 'comments that passed').toBeGreaterThan(2)
  })

  it('on the whole, though the answer moves on', async () => {
    chaos.behave(async (wire) => {
      await wire.send(OPEN_ENDED)
      while (!wire.gone) {
        await wire.send(framed([delta('and on ')]))
        await wire.pause(100)
      }
    })
    const began = performance.now()
    const events = eventsOf(await (await scene.post({ stream: true })).text())
    expect(JSON.parse(events.at(-1)!.data).error.code).toBe('upstream_timeout')
    expect(performance.now() - began).toBeGreaterThan(1_400)
    expect(performance.now() - began).toBeLessThan(2_500)
  })
})

describe('a second offer', () => {
  const other = () => scene.provider.answer({ body: completion('from the other') })
  const refusal = (status: number, body: object, head = ''): Behaviour => {
    const text = JSON.stringify(body)
    return behaviours.says(
      `HTTP/1.1 ${status} No\r\ncontent-type: application/json\r\n${head}content-length: ${text.length}\r\n\r\n${text}`,
    )
  }
  const error = { error: { message: 'No.', type: 'server_error', code: null, param: null } }

  async function route(behaviour: Behaviour, body: object = {}): Promise<{ status: number; asked: number; attempts: string | null }> {
    chaos.behave(behaviour)
    const response = await scene.post({ model: routes.pop(), ...body })
    await response.text()
    return { status: response.status, asked: scene.provider.journal.length, attempts: response.headers.get('x-tollgate-attempts') }
  }

  for (const status of [429, 503, 529]) {
    it(`is tried where the first provider says ${status}: it processed nothing`, async () => {
      other()
      expect(await route(refusal(status, error))).toEqual({ status: 200, asked: 1, attempts: '2' })
    })
  }

  for (const status of [400, 401, 403, 404, 422, 500, 502]) {
    it(`is not tried where it says ${status}`, async () => {
      other()
      expect(await route(refusal(status, error))).toMatchObject({ asked: 0, attempts: '1' })
    })
  }

  it('is not tried where the request may have been processed: a reset, silence, half an answer', async () => {
    other()
    for (const behaviour of [behaviours.saysThenResets(), behaviours.silence(), behaviours.truncatedJson()]) {
      expect(await route(behaviour)).toMatchObject({ asked: 0, attempts: '1' })
    }
  })

  it('is never tried once a byte went to the client', async () => {
    other()
    const cut = behaviours.saysThenResets(CHUNKED + chunk(framed([delta('Hel')])))
    expect(await route(cut, { stream: true })).toEqual({ status: 200, asked: 0, attempts: '1' })
  })

  it('is tried after a 200 whose error says 429, and nothing of the first shows', async () => {
    scene.provider.answer({ events: [finish(), '[DONE]'] })
    chaos.behave(behaviours.says(json(JSON.stringify({ error: { message: 'Full.', code: '429' } }))))
    const response = await scene.post({ model: routes.pop(), stream: true })
    expect({ served: response.headers.get('x-tollgate-provider'), text: await response.text() }).toEqual({
      served: 'groq',
      text: framed([finish(), '[DONE]']),
    })
  })

  it('is never tried for a name that says which provider', async () => {
    other()
    chaos.behave(refusal(503, error))
    const response = await scene.post()
    expect({ status: response.status, asked: scene.provider.journal.length }).toEqual({ status: 503, asked: 0 })
  })

  it('is one row of its own in the books', async () => {
    const before = (await scene.hand.booked(scene.tenant.id)).length
    other()
    await route(refusal(503, error))
    const rows = (await scene.hand.settled(scene.tenant.id, before + 2)).slice(before)
    expect(rows.map(({ state, start }) => [start.provider, state])).toEqual([
      ['openai', 'released'],
      ['groq', 'settled'],
    ])
  })
})

describe("a provider's refusal", () => {
  const says = (status: number, error: object, head = '') => {
    const text = JSON.stringify({ error })
    return behaviours.says(
      `HTTP/1.1 ${status} No\r\ncontent-type: application/json\r\n${head}content-length: ${text.length}\r\n\r\n${text}`,
    )
  }
  const rows: [string, number, object, Partial<Told>][] = [
    [
      'a bad key is the tenant’s affair',
      401,
      { message: 'Incorrect API key', code: 'invalid_api_key' },
      { status: 403, code: 'credential_invalid', retry: 'false' },
    ],
    ['a bare 403', 403, { message: 'Not for you' }, { status: 403, code: 'upstream_permission_denied', retry: 'false' }],
    [
      'an empty account',
      429,
      { message: 'Quota', code: 'insufficient_quota' },
      { status: 402, code: 'credential_exhausted', retry: 'false' },
    ],
    ['a 400', 400, { message: 'Bad', code: 'bad_thing' }, { status: 400, code: 'bad_thing', retry: 'false' }],
    ['a 404', 404, { message: 'No such thing', code: 'nothing' }, { status: 404, code: 'nothing', retry: 'false' }],
    ['a 429', 429, { message: 'Slow', code: 'rate_limited' }, { status: 429, code: 'rate_limited', retry: null }],
    ['a 529', 529, { message: 'Full', code: 'overloaded' }, { status: 529, code: 'overloaded', retry: null }],
  ]
  it.for(rows)('%s', async ([, status, error, expected]) => {
    expect(await told(says(status, error))).toMatchObject(expected)
  })

  const waits: [string, string | null][] = [
    ['7', '7'],
    ['0', '1'],
    ['99999999', '3600'],
    ['soon', null],
    ['-5', null],
  ]
  it.for(waits)('with retry-after %s passes it between one second and an hour: %s', async ([sent, passed]) => {
    chaos.behave(says(429, { message: 'Slow' }, `retry-after: ${sent}\r\n`))
    const response = await scene.post()
    await response.text()
    expect(response.headers.get('retry-after')).toBe(passed)
  })

  it('says who served and whose key paid, as an answer does', async () => {
    chaos.behave(says(500, { message: 'Broken' }, 'x-request-id: req-of-theirs\r\n'))
    const response = await scene.post()
    await response.text()
    const named = ['provider', 'model', 'key-source', 'attempts', 'upstream-request-id'].map((name) =>
      response.headers.get(`x-tollgate-${name}`),
    )
    expect(named).toEqual(['openai', 'gpt-4o', 'tenant', '1', 'req-of-theirs'])
  })
})
