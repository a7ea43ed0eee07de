import { ByHand } from './by-hand.ts'
import { type FakeProvider, type Script, startFakeProvider } from './fake-provider.ts'
import { type GatewayOptions, startGateway, type TestGateway } from './gateway.ts'

/** A whole gateway between a scripted provider and a tenant whose own keys pay. */
export interface Relayed {
  /** Answers as `openai`, `anthropic`, `google` and `groq`, each under its id as base path. */
  readonly provider: FakeProvider
  readonly gateway: TestGateway
  readonly hand: ByHand
  readonly tenant: { readonly id: string; readonly slug: string; readonly key: string }
  /** A chat completion; `model` and one message are there unless given otherwise. */
  post(body?: object, init?: { headers?: Record<string, string>; signal?: AbortSignal }): Promise<Response>
  close(): Promise<void>
}

export const PROVIDER_KEYS = {
  OPENAI_API_KEY: 'sk-proj-of-the-tenant-0001',
  ANTHROPIC_API_KEY: 'sk-ant-of-the-tenant-0002',
  GOOGLE_API_KEY: 'AIza-of-the-tenant-00000003',
  GROQ_API_KEY: 'gsk_of-the-tenant-0000004',
} as const

/** `tenant`: one that the gateway's state has already. */
export async function openRelayed(options: GatewayOptions & { script?: Script; tenant?: Relayed['tenant'] } = {}): Promise<Relayed> {
  const provider = await startFakeProvider(options.script)
  const ids = ['openai', 'anthropic', 'google', 'groq']
  const addresses = Object.fromEntries(ids.map((id) => [id, `${provider.origin}/${id}`]))
  const gateway = await startGateway({ ...options, providers: { ...addresses, ...options.providers } })
  const hand = new ByHand(gateway)
  const tenant = options.tenant ?? (await hand.tenant('acme', 'enterprise'))
  for (const [name, key] of Object.entries(PROVIDER_KEYS)) await hand.setting(tenant.id, name, key)
  await hand.holds(tenant.key, 'openai/gpt-4o')
  return {
    provider,
    gateway,
    hand,
    tenant,
    post: (body = {}, { headers, signal } = {}) =>
      fetch(`${gateway.url}/v1/chat/completions`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${tenant.key}`, ...headers },
        body: JSON.stringify({ model: 'openai/gpt-4o', messages: [{ role: 'user', content: 'Hello' }], ...body }),
        signal: signal ?? null,
      }),
    async close() {
      await gateway.stop()
      await provider.close()
    },
  }
}

/** One frame of an OpenAI-style stream. */
export const delta = (content: string): object => ({
  id: 'chatcmpl-1',
  object: 'chat.completion.chunk',
  created: 1,
  model: 'gpt-4o',
  choices: [{ index: 0, delta: { content }, finish_reason: null }],
})

export const finish = (reason = 'stop'): object => ({
  id: 'chatcmpl-1',
  object: 'chat.completion.chunk',
  created: 1,
  model: 'gpt-4o',
  choices: [{ index: 0, delta: {}, finish_reason: reason }],
})

export const usageFrame = (input = 7, output = 3): object => ({
  id: 'chatcmpl-1',
  object: 'chat.completion.chunk',
  created: 1,
  model: 'gpt-4o',
  choices: [],
  usage: { prompt_tokens: input, completion_tokens: output, total_tokens: input + output },
})

export const completion = (content = 'Hello back', more: object = {}): object => ({
  id: 'chatcmpl-1',
  object: 'chat.completion',
  created: 1,
  model: 'gpt-4o',
  choices: [{ index: 0, message: { role: 'assistant', content }, finish_reason: 'stop' }],
  usage: { prompt_tokens: 7, completion_tokens: 3, total_tokens: 10 },
  ...more,
})

export const framed = (events: readonly (object | string)[]): string =>
  events.map((event) => `data: ${typeof event === 'string' ? event : JSON.stringify(event)}\n\n`).join('')
