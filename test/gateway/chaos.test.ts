import { type AddressInfo, createServer } from 'node:net'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { eventsOf } from '../contract/dialects/recordings.ts'
import { type Behaviour, behaviours, CHUNKED, type ChaosProvider, json, OPEN_ENDED, startChaosProvider } from '../support/chaos-provider.ts'
import { completion, delta, finish, framed, openRelayed, type Relayed } from '../support/relayed.ts'

// The fault table: for each failure of a provider what the client gets, how it is booked, and whether another provider may be asked.

const DEADLINES = 'deadlines: { connect: 300ms, first_byte: 300ms, first_byte_unstreamed: 300ms, progress: 300ms, total: 900ms }\n'
const SIZES = 'sizes: { answer_frame: 256KiB }\n'

/** `yes`: another offer is tried. `allowed`: only for a client that says so. */
type Hop = 'yes' | 'allowed' | 'no'
type Mode = 'whole' | 'stream'

interface Row {
  readonly id: string
  readonly fault: string
  readonly behaviour?: Behaviour
  /** Where the fault lies in the address; the scripted provider's own where not given. */
  readonly at?: 'closed' | 'nowhere' | 'plain' | 'mute'
  readonly only?: Mode
  readonly status: number
  readonly code: string
  readonly booked: 'released' | 'estimated'
  readonly hop: Hop
  readonly retryAfter?: string
}

const refusal = (status: number, error: object = {}, head = ''): Behaviour => {
  const text = JSON.stringify({ error: { message: 'No.', ...error } })
  return behaviours.says(`HTTP/1.1 ${status} No\r\ncontent-type: application/json\r\n${head}content-length: ${text.length}\r\n\r\n${text}`)
}

const TIMEOUT = { status: 504, code: 'upstream_timeout', booked: 'estimated', hop: 'allowed' } as const
const PROTOCOL = { status: 502, code: 'upstream_protocol_error', booked: 'estimated', hop: 'allowed' } as const
const LOST = { status: 502, code: 'upstream_disconnected', booked: 'estimated', hop: 'allowed' } as const
const UNREACHABLE = { status: 502, code: 'upstream_unreachable', booked: 'released', hop: 'yes' } as const
const said = (status: number, hop: Hop) => ({ status, code: 'upstream_error', booked: 'released', hop }) as const

const drip: Behaviour = async (wire) => {
  await wire.send(OPEN_ENDED)
  for (const byte of framed([delta('never whole')])) {
    await wire.pause(100)
    await wire.send(byte)
  }
}

const ROWS: readonly Row[] = [
  { id: 'F-09', fault: 'connection refused', at: 'closed', ...UNREACHABLE },
  { id: 'F-10', fault: 'no connection in time', at: 'mute', status: 504, code: 'upstream_timeout', booked: 'released', hop: 'yes' },
  { id: 'F-11', fault: 'not found in DNS', at: 'nowhere', ...UNREACHABLE },
  { id: 'F-12', fault: 'no TLS where TLS is due', at: 'plain', ...UNREACHABLE },
  { id: 'F-13', fault: 'accepts and never answers', behaviour: behaviours.silence(), ...TIMEOUT },
  { id: 'F-14', fault: 'silence after a good head', behaviour: behaviours.says(OPEN_ENDED), ...TIMEOUT },
  { id: 'F-16', fault: 'a byte now and then', behaviour: drip, only: 'stream', ...TIMEOUT },
  { id: 'F-17', fault: 'a reset after a good head', behaviour: behaviours.saysThenResets(CHUNKED), ...LOST },
  { id: 'F-17', fault: 'an end before anything was said', behaviour: behaviours.saysThenFinishes(OPEN_ENDED), only: 'stream', ...LOST },
  { id: 'F-18', fault: 'a reset before its head', behaviour: behaviours.saysThenResets(), ...LOST },
  { id: 'F-20', fault: '429', behaviour: refusal(429), ...said(429, 'yes') },
  { id: 'F-20', fault: '429 with seconds', behaviour: refusal(429, {}, 'retry-after: 7\r\n'), ...said(429, 'yes'), retryAfter: '7' },
  {
    id: 'F-20',
    fault: '429 with a window',
    behaviour: refusal(429, {}, 'x-ratelimit-reset-requests: 1m30s\r\n'),
    ...said(429, 'yes'),
    retryAfter: '90',
  },
  { id: 'F-20', fault: '429 with nonsense', behaviour: refusal(429, {}, 'retry-after: -9\r\n'), ...said(429, 'yes') },
  {
    id: 'F-21',
    fault: 'an empty account',
    behaviour: refusal(429, { code: 'insufficient_quota' }),
    status: 402,
    code: 'credential_exhausted',
    booked: 'released',
    hop: 'no',
  },
  { id: 'F-22', fault: 'a bad key', behaviour: refusal(401), status: 403, code: 'credential_invalid', booked: 'released', hop: 'no' },
  {
    id: 'F-22',
    fault: 'a bare 403',
    behaviour: refusal(403),
    status: 403,
    code: 'upstream_permission_denied',
    booked: 'released',
    hop: 'no',
  },
  ...[500, 502, 504].map((status): Row => ({ id: 'F-23', fault: `${status}`, behaviour: refusal(status), ...said(status, 'allowed') })),
  { id: 'F-23', fault: '503', behaviour: refusal(503), ...said(503, 'yes') },
  { id: 'F-24', fault: '529', behaviour: refusal(529, {}, 'retry-after: 3\r\n'), ...said(529, 'yes'), retryAfter: '3' },
  {
    id: 'F-25',
    fault: 'an error in a 200',
    behaviour: behaviours.says(json(JSON.stringify({ error: { message: 'No.', code: 503 } }))),
    ...said(503, 'yes'),
  },
  {
    id: 'F-25',
    fault: 'an error as the first event',
    behaviour: behaviours.saysThenFinishes(OPEN_ENDED + framed([{ error: { message: 'No.', code: 429 } }, delta('trailing')])),
    only: 'stream',
    ...said(429, 'yes'),
  },
  {
    id: 'F-26',
    fault: 'HTML',
    behaviour: behaviours.says('HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: 6\r\n\r\n<html>'),
    ...PROTOCOL,
  },
  { id: 'F-26', fault: 'truncated JSON', behaviour: behaviours.truncatedJson(), ...PROTOCOL },
  { id: 'F-26', fault: 'an empty body', behaviour: behaviours.says(json('')), ...PROTOCOL },
  {
    id: 'F-27',
    fault: 'a body shorter than announced',
    behaviour: behaviours.saysThenFinishes('HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n{}'),
    ...LOST,
  },
  {
    id: 'F-27',
    fault: 'two lengths',
    behaviour: behaviours.says('HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\n{}'),
    ...PROTOCOL,
  },
  { id: 'F-28', fault: 'a compressed bomb', behaviour: behaviours.compressed('gzip', gzipSync(Buffer.alloc(80 << 20))), ...PROTOCOL },
  { id: 'F-29', fault: 'a header of 1 MiB', behaviour: behaviours.hugeHeader(1 << 20), ...PROTOCOL },
  { id: 'F-30', fault: 'a redirect', behaviour: behaviours.redirect('http://127.0.0.1:1/steal', 307), ...PROTOCOL },
]

const PROVIDERS = { closed: 'deepseek', nowhere: 'mistral', plain: 'xai', mute: 'together' } as const
const MODES: readonly Mode[] = ['whole', 'stream']
const CASES = ROWS.flatMap((row, at) =>
  MODES.filter((mode) => (row.only ?? mode) === mode).map((mode) => ({ row, mode, route: `row-${at}` })),
)
const providerOf = ({ at }: Row): string => (at ? PROVIDERS[at] : 'openai')

let scene: Relayed
let chaos: ChaosProvider
/** Answers a TLS hello with words. */
const plain = createServer((socket) => socket.on('error', () => {}).end('HTTP/1.1 400 Bad Request\r\n\r\n'))
beforeAll(async () => {
  await new Promise<void>((resolve) => plain.listen(0, '127.0.0.1', resolve))
  chaos = await startChaosProvider(behaviours.silence())
  const names = ROWS.flatMap((row, at) =>
    MODES.flatMap((mode) => [false, true].map((allowed) => ({ row, name: `row-${at}-${mode}-${allowed}` }))),
  )
  const begun = Array.from({ length: 10 }, (_, at) => `begun-${at}`)
  const routes = [...names.map(({ row, name }) => [name, providerOf(row)]), ...begun.map((name) => [name, 'openai'])].map(
    ([name, provider]) => `  ${name}: [${provider}/${name}, groq/${name}]`,
  )
  scene = await openRelayed({
    providers: {
      openai: `${chaos.origin}/v1`,
      deepseek: 'http://127.0.0.1:1',
      mistral: 'https://provider.invalid/v1',
      xai: `https://127.0.0.1:${(plain.address() as AddressInfo).port}/v1`,
      together: `${chaos.origin.replace('http:', 'https:')}/v1`,
    },
    config: { 'gateway.yaml': DEADLINES + SIZES, 'models.yaml': `routes:\n${routes.join('\n')}\n` },
  })
  for (const id of Object.values(PROVIDERS))
    await scene.hand.setting(scene.tenant.id, `${id.toUpperCase()}_API_KEY`, `${id}-key-of-the-tenant`)
  await scene.hand.holds(scene.tenant.key, 'together/any')
})
afterAll(async () => {
  await scene.close()
  await chaos.close()
  plain.close()
})

interface Result {
  readonly status: number
  readonly code: string | undefined
  readonly retryAfter: string | null
  readonly attempts: string | null
  readonly booked: readonly (readonly [provider: string, state: string])[]
  /** Whole requests that the failing provider and the healthy one got. */
  readonly seen: readonly [failing: number, healthy: number]
}

async function ask(row: Row, mode: Mode, how: { model: string; allowed?: boolean }): Promise<Result> {
  chaos.behave(row.behaviour ?? behaviours.silence())
  scene.provider.answer(mode === 'stream' ? { events: [delta('Well.'), finish(), '[DONE]'] } : { body: completion('Well.') })
  chaos.journal.length = 0
  scene.provider.journal.length = 0
  const headers: Record<string, string> = how.allowed ? { 'x-tollgate-retry': 'after-send' } : {}
  const response = await scene.post({ model: how.model, stream: mode === 'stream' }, { headers })
  const text = await response.text()
  const id = response.headers.get('x-request-id')
  const rows = await scene.hand.settled(scene.tenant.id, 1)
  return {
    status: response.status,
    code: response.ok ? undefined : codeOf(text),
    retryAfter: response.headers.get('retry-after'),
    attempts: response.headers.get('x-tollgate-attempts'),
    booked: rows.filter(({ start }) => start.requestId === id).map(({ start, state }) => [start.provider, state] as const),
    seen: [chaos.journal.length, scene.provider.journal.length],
  }
}

/** Ours: a provider's own code is shown in its place, and ours stands beside it. */
function codeOf(text: string): string {
  const { error } = JSON.parse(text)
  return error.metadata?.code ?? (error.metadata ? error.code : 'upstream_error')
}

const served = (row: Row): Partial<Result> => ({
  status: 200,
  attempts: '2',
  booked: [
    [providerOf(row), row.booked],
    ['groq', expect.stringMatching(/settled|estimated/) as unknown as string],
  ],
})

describe.for(CASES)('$row.id $row.fault, $mode', ({ row, mode, route }) => {
  const sent = row.at ? 0 : 1
  const failed = {
    status: row.status,
    code: row.code,
    retryAfter: row.retryAfter ?? null,
    attempts: '1',
    booked: [[providerOf(row), row.booked]],
    seen: [sent, 0],
  }

  it(row.hop === 'yes' ? 'is answered by another provider' : 'is told, and nobody else is asked', async () => {
    const got = await ask(row, mode, { model: `${route}-${mode}-false` })
    if (row.hop === 'yes') expect(got).toMatchObject({ ...served(row), seen: [sent, 1] })
    else expect(got).toEqual(failed)
  })

  it(
    row.hop === 'no' ? 'is told to a client that allows a second sending, too' : 'is answered by another for a client that allows it',
    async () => {
      const got = await ask(row, mode, { model: `${route}-${mode}-true`, allowed: true })
      if (row.hop === 'no') expect(got).toEqual(failed)
      else expect(got).toMatchObject({ ...served(row), seen: [sent, 1] })
    },
  )

  it('is told where no other may stand in', async () => {
    expect(await ask(row, mode, { model: `${providerOf(row)}/alone-${route}-${mode}`, allowed: true })).toEqual(failed)
  })
})

describe('once a byte went to the client, the stream ends with one error frame and nobody else is asked', () => {
  const begun = framed([delta('Hel')])
  const rows: [string, Behaviour, string][] = [
    ['F-14 silence', behaviours.says(OPEN_ENDED, begun), 'upstream_timeout'],
    ['F-15 comments and nothing else', behaviours.commentsForever(50), 'upstream_timeout'],
    ['F-17 a reset', behaviours.saysThenResets(OPEN_ENDED, begun), 'upstream_disconnected'],
    ['F-17 an end without an end', behaviours.saysThenFinishes(OPEN_ENDED, begun), 'upstream_disconnected'],
    [
      'F-25 an error',
      behaviours.saysThenFinishes(OPEN_ENDED, begun, framed([{ error: { message: 'No.', code: 'x' } }, delta('more')])),
      'x',
    ],
    ['F-26 half a frame', behaviours.saysThenFinishes(OPEN_ENDED, begun, 'data: {"choi'), 'upstream_disconnected'],
  ]
  it.for(rows)('%s', async ([, behaviour, code], { task }) => {
    chaos.behave(behaviour)
    scene.provider.journal.length = 0
    const name = `begun-${rows.findIndex(([title]) => task.name === title)}`
    const response = await scene.post({ model: name, stream: true }, { headers: { 'x-tollgate-retry': 'after-send' } })
    const events = eventsOf(await response.text())
    const id = response.headers.get('x-request-id')
    const rowsOfIt = (await scene.hand.settled(scene.tenant.id)).filter(({ start }) => start.requestId === id)
    expect({
      status: response.status,
      codes: events.map(({ data }) => JSON.parse(data).error?.code).filter((found) => found !== undefined),
      last: JSON.parse(events.at(-1)?.data ?? '{}').error?.code,
      booked: rowsOfIt.map(({ state }) => state),
      asked: scene.provider.journal.length,
    }).toEqual({ status: 200, codes: [code], last: code, booked: ['estimated'], asked: 0 })
  })
})

it('sound that broke off is not begun anew by another provider, whatever the client allows', async () => {
  chaos.behave(
    behaviours.saysThenResets(`HTTP/1.1 200 OK\r\ncontent-type: audio/mpeg\r\ncontent-length: 9000\r\n\r\n${'beep'.repeat(1000)}`),
  )
  scene.provider.journal.length = 0
  const broken = await fetch(`${scene.gateway.url}/v1/audio/speech`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${scene.tenant.key}`, 'x-tollgate-retry': 'after-send' },
    body: JSON.stringify({ model: 'begun-9', input: 'Hello', voice: 'alloy' }),
  })
    .then((response) => response.arrayBuffer())
    .then(
      () => false,
      () => true,
    )
  expect([broken, scene.provider.journal.length]).toEqual([true, 0])
})
