import { createHmac } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { GatewayEvent } from '../../src/contract/event.ts'
import { Secret } from '../../src/contract/secret.ts'
import type { Store } from '../../src/contract/store.ts'
import type { Web } from '../../src/contract/web.ts'
import { createWebhooks, type Hook } from '../../src/telemetry/webhooks.ts'
import { createWeb } from '../../src/upstream/web.ts'
import { type FakeProvider, startFakeProvider } from '../support/fake-provider.ts'
import { NOON, sqliteDatabase, type TestDatabase } from '../support/stores.ts'

let database: TestDatabase
let store: Store
let receiver: FakeProvider
let web: Web
let clock: number

beforeEach(async () => {
  clock = NOON
  database = await sqliteDatabase(() => clock)
  store = await database.open()
  receiver = await startFakeProvider({ status: 204 })
  web = createWeb()
})
afterEach(async () => {
  await web.close()
  await receiver.close()
  await database.drop()
})

const SECRET = `whsec_${Buffer.from('a key of thirty-two bytes, or so').toString('base64')}`
const event: GatewayEvent = {
  ...{ id: 'evt_1', type: 'model.gone', subject: 'acme/large', data: { model: 'acme-large' } },
  at: new Date(NOON).toISOString(),
}
const hook = (more: Partial<Hook> = {}): Hook => ({
  url: `${receiver.origin}/hook`,
  secret: new Secret(SECRET),
  types: [],
  private: true,
  ...more,
})
const webhooksOf = (of: Store, hooks: readonly Hook[]) =>
  createWebhooks({ store: of.events, web, hooks: () => hooks, now: () => clock, onTrouble: (error) => expect.unreachable(String(error)) })
const state = async () => (await store.events.list({ limit: 9 }))[0]?.deliveries[0]

describe('an event', () => {
  it('comes signed over its id, its time and its body, and once it was taken it is not sent again', async () => {
    const webhooks = webhooksOf(store, [hook()])
    expect(await store.events.append(event, [hook().url])).toBe(true)
    await webhooks.deliver()
    await webhooks.deliver()
    const [received, ...more] = receiver.journal
    const { 'webhook-id': id, 'webhook-timestamp': time, 'webhook-signature': signature } = received?.headers ?? {}
    const body = received?.body.toString()
    const expected = createHmac('sha256', 'a key of thirty-two bytes, or so').update(`${id}.${time}.${body}`).digest('base64')
    expect({ id, time, signature, more }).toEqual({ id: 'evt_1', time: String(NOON / 1_000), signature: `v1,${expected}`, more: [] })
    expect(JSON.parse(body ?? '')).toEqual({
      type: 'model.gone',
      timestamp: event.at,
      data: { subject: 'acme/large', model: 'acme-large' },
    })
    expect(await state()).toMatchObject({ attempts: 1, deliveredAt: event.at, nextAt: undefined })
  })

  it('that was noted twice, by two replicas too, is one', async () => {
    const other = await database.open()
    expect([await store.events.append(event, [hook().url]), await other.events.append(event, [hook().url])]).toEqual([true, false])
    await Promise.all([webhooksOf(store, [hook()]).deliver(), webhooksOf(other, [hook()]).deliver()])
    expect(receiver.journal.length).toBe(1)
  })

  it('that is not taken is sent again, later and later, until it is', async () => {
    const webhooks = webhooksOf(store, [hook()])
    receiver.answer({ status: 500 })
    await store.events.append(event, [hook().url])
    const tries: number[] = []
    for (let second = 0; second < 3_000; second += 5) {
      clock = NOON + second * 1_000
      const before = receiver.journal.length
      await webhooks.deliver()
      if (receiver.journal.length > before) tries.push(second)
    }
    expect(tries).toEqual([0, 5, 35, 155, 755, 2_555])
    expect(await state()).toMatchObject({ attempts: 6, error: 'answered 500' })
    receiver.answer({ status: 200 })
    clock += 3_600_000
    await webhooks.deliver()
    expect(await state()).toMatchObject({ attempts: 7, error: undefined })
  })

  it('survives whoever died while sending it', async () => {
    await store.events.append(event, [hook().url])
    const dying = await database.open()
    expect(await dying.events.due(9, clock + 60_000)).toHaveLength(1)
    await webhooksOf(store, [hook()]).deliver()
    expect(receiver.journal).toEqual([])
    clock += 60_000
    await webhooksOf(store, [hook()]).deliver()
    expect(receiver.journal.length).toBe(1)
  })

  it('is given up where its address is none of the configuration any more, and never dials an inner address unasked', async () => {
    await store.events.append(event, [hook().url])
    await webhooksOf(store, [hook({ url: 'https://elsewhere.example/hook' })]).deliver()
    expect(await state()).toMatchObject({ attempts: 1, nextAt: undefined, error: 'no address of gateway.yaml any more' })
    await store.events.append({ ...event, id: 'evt_2' }, [hook().url])
    await webhooksOf(store, [hook({ private: false })]).deliver()
    expect(await state()).toMatchObject({ attempts: 1, error: expect.stringContaining('not allowed') })
    expect(receiver.journal).toEqual([])
  })
})
