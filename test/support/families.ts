import { existsSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { providers as shipped } from '../../providers/index.ts'
import type { Recording } from '../contract/dialects/recordings.ts'
import { ByHand } from './by-hand.ts'
import { type FakeProvider, startFakeProvider } from './fake-provider.ts'
import { type GatewayOptions, startGateway, type TestGateway } from './gateway.ts'

/** A whole gateway before one scripted provider that answers for many, each under its own id and the path its base URL has. */
export interface Families {
  readonly provider: FakeProvider
  readonly gateway: TestGateway
  readonly hand: ByHand
  readonly tenant: { readonly id: string; readonly slug: string; readonly key: string }
  post(path: string, body: string | object, headers?: Record<string, string>): Promise<Response>
  close(): Promise<void>
}

export async function openFamilies(ids: readonly string[], options: GatewayOptions = {}): Promise<Families> {
  const provider = await startFakeProvider()
  const asked = shipped.filter(({ id }) => ids.includes(id))
  const addresses = asked.map(({ id, baseUrl }) => [id, `${provider.origin}/${id}${new URL(baseUrl ?? 'http://self/v1').pathname}`])
  const gateway = await startGateway({ ...options, providers: { ...Object.fromEntries(addresses), ...options.providers } })
  const hand = new ByHand(gateway)
  const tenant = await hand.tenant('families', 'enterprise')
  for (const { apiKeyEnv } of asked) await hand.setting(tenant.id, apiKeyEnv, `key-of-${apiKeyEnv}-0001`)
  await hand.holds(tenant.key, 'openai/gpt-4o')
  return {
    provider,
    gateway,
    hand,
    tenant,
    post: (path, body, headers) =>
      fetch(gateway.url + path, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${tenant.key}`, ...headers },
        body: typeof body === 'string' ? body : JSON.stringify(body),
      }),
    async close() {
      await gateway.stop()
      await provider.close()
    },
  }
}

const SHARED = resolve(import.meta.dirname, '../../../shared/recordings')

/** Whether the shared recordings are there. */
export const hasRecordings = existsSync(SHARED)

export function recorded(file: string): Recording {
  return JSON.parse(readFileSync(resolve(SHARED, file), 'utf8'))
}

/** What a recorded provider answered, for a fake one to answer again. */
export function answerOf({ response }: Recording): { status: number; headers: Record<string, string>; body: Buffer } {
  const { 'set-cookie': _cookie, ...headers } = response.headers
  return { status: response.status, headers, body: bytesOf({ response }) }
}

export function bytesOf({ response }: Pick<Recording, 'response'>): Buffer {
  return Buffer.from(response.body, 'encoding' in response && response.encoding === 'base64' ? 'base64' : 'utf8')
}
