import { afterAll, beforeAll, expect, it } from 'vitest'
import { eventsOf } from '../contract/dialects/recordings.ts'
import { completion, openRelayed, PROVIDER_KEYS, type Relayed } from '../support/relayed.ts'

// What a caller is told of its limits, by answers and by refusals alike; and an answer that outlives its key.

let scene: Relayed
beforeAll(async () => {
  scene = await openRelayed({ script: { body: completion(), headers: { 'x-ratelimit-limit-requests': '30000' } } })
})
afterAll(() => scene.close())

it('answers and refusals tell what is left, ours before the provider’s', async () => {
  const { id, key } = await scene.gateway.tenant('few', 'team', { limits: { rpm: 2 } })
  await scene.hand.setting(id, 'OPENAI_API_KEY', PROVIDER_KEYS.OPENAI_API_KEY)
  await scene.hand.holds(key, 'openai/gpt-4o')
  const told = []
  for (let at = 0; at < 3; at++) {
    const { status, headers, body } = await scene.gateway.call('POST', '/v1/chat/completions', {
      key,
      body: { model: 'openai/gpt-4o', messages: [] },
    })
    const said = (name: string) => headers.get(`x-ratelimit-${name}-requests`)
    told.push([status, body.error?.code, said('limit'), said('remaining'), headers.get('x-tollgate-upstream-ratelimit-limit-requests')])
    if (status === 429)
      expect({ wait: Number(headers.get('retry-after')) > 0, reset: headers.get('x-ratelimit-reset-requests') }).toMatchObject({
        wait: true,
        reset: expect.stringMatching(/^\d+(ms|s|m\d+s)$/),
      })
  }
  expect(told).toEqual([
    [200, undefined, '2', '1', '30000'],
    [200, undefined, '2', '0', '30000'],
    [429, 'rate_limit_exceeded', '2', '0', null],
  ])
})

it('a platform key of which little is left is shared: who has had more than his share waits, and is not refused in the others’ name', async () => {
  const shared = await openRelayed({ env: { OPENAI_API_KEY: 'sk-proj-of-the-platform-wxyz' } })
  const left = (remaining: number) =>
    shared.provider.answer({
      body: completion(),
      headers: {
        'x-ratelimit-limit-requests': '20',
        'x-ratelimit-remaining-requests': String(remaining),
        'x-ratelimit-reset-requests': '40s',
      },
    })
  const ask = ({ key }: { key: string }) =>
    shared.gateway.call('POST', '/v1/chat/completions', { key, body: { model: 'openai/gpt-4o', messages: [] } })
  try {
    const [greedy, modest] = [await shared.gateway.tenant('greedy', 'enterprise'), await shared.gateway.tenant('modest', 'enterprise')]
    left(9)
    // From the first answer on that tells of less than half, it is counted who asks.
    for (let asked = 0; asked < 2; asked++) expect((await ask(modest)).status).toBe(200)
    for (let remaining = 8; remaining >= 0; remaining--) {
      left(remaining)
      const { status, body } = await ask(greedy)
      expect({ remaining, status, told: body.error?.metadata?.rejected }).toEqual({ remaining, status: 200, told: undefined })
    }
    const { status, body, headers } = await ask(greedy)
    expect({ status, code: body.error?.code }).toEqual({ status: 429, code: 'rate_limit_exceeded' })
    expect(body.error.message).toMatch(/^The platform's key …wxyz for openai is short, and greedy has had its share\. Wait \d+ s\.$/)
    expect(Number(headers.get('retry-after'))).toBeGreaterThan(30)
    expect((await ask(modest)).status).toBe(200)
    // Its own key is its own affair.
    await shared.hand.setting(greedy.id, 'OPENAI_API_KEY', PROVIDER_KEYS.OPENAI_API_KEY)
    await expect.poll(async () => (await ask(greedy)).status, { timeout: 5_000 }).toBe(200)
  } finally {
    await shared.close()
  }
})

it('a key that is erased while its answer streams ends that answer well, books it, and is told to nobody', async () => {
  const secret = 'sk-proj-erased-while-streaming'
  const { id, key, slug } = await scene.gateway.tenant('erased', 'team', { on_revoke: 'finish' })
  await scene.gateway.api('PUT', `/tenants/${slug}/provider-keys/openai`, { key: secret })
  scene.provider.answer({
    events: [{ choices: [{ index: 0, delta: { content: 'Hel' } }] }, 400, { error: { message: `No, ${secret}`, code: 'x' } }],
  })
  const response = await fetch(`${scene.gateway.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
    body: JSON.stringify({ model: 'openai/gpt-4o', messages: [], stream: true }),
  })
  const text = response.text()
  const { status } = await scene.gateway.api('DELETE', `/tenants/${slug}?erase=true`)
  expect(status).toBeLessThan(300)
  const [, last] = eventsOf(await text)
  expect(JSON.parse(last!.data).error).toEqual({ message: 'No, [redacted]', code: 'x' })
  expect((await scene.hand.settled(id)).map(({ state }) => state)).toEqual(['estimated'])
})
