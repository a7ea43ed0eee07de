import { type FakeProvider, startFakeProvider } from '../support/fake-provider.ts'
import { startGateway } from '../support/gateway.ts'
import type { Gate } from './client.ts'
import { type Say, say, type Turn } from './vendor/script.ts'
import { asVendors } from './vendor/vendors.ts'

/** A gateway with one tenant that holds a key of every vendor, and the vendors behind it. */
export interface World extends Gate {
  readonly vendors: FakeProvider
  close(): Promise<void>
}

export const MODELS = {
  openai: 'openai/gpt-5-mini',
  anthropic: 'anthropic/claude-sonnet-4-5',
  google: 'google/gemini-2.5-flash',
  groq: 'groq/llama-3.3-70b-versatile',
  mistral: 'mistral/mistral-large-latest',
  cohere: 'cohere/command-a-03-2025',
} as const

export type Vendor = keyof typeof MODELS

export async function openWorld(says: (turn: Turn) => Say = say): Promise<World> {
  const vendors = await startFakeProvider(asVendors(says))
  const ids = Object.keys(MODELS)
  const gateway = await startGateway({ providers: Object.fromEntries(ids.map((id) => [id, `${vendors.origin}/${id}`])) })
  const { key } = await gateway.tenant('acme', 'enterprise')
  for (const id of ids) await gateway.api('PUT', `/tenants/acme/provider-keys/${id}`, { key: `key-of-acme-for-${id}` })
  return {
    url: gateway.url,
    key,
    vendors,
    async close() {
      await gateway.stop()
      await vendors.close()
    },
  }
}
