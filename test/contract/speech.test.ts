import { describe, expect, it } from 'vitest'
import { providers } from '../../providers/index.ts'
import { baseUrlOf, pathOf } from '../../src/attempt/request.ts'
import type { CatalogModel } from '../../src/contract/catalog.ts'
import type { Credential } from '../../src/contract/decision.ts'
import type { Endpoint, Provider } from '../../src/contract/provider.ts'
import { speaking } from '../../src/contract/speech.ts'

const provider = (id: string): Provider => {
  const found = providers.find((one) => one.id === id)
  if (!found) throw new Error(`${id} is not on the roll-call.`)
  return found
}

const model = (...endpoints: Endpoint[]): CatalogModel => ({ id: 'm', capabilities: {}, lifecycle: 'active', endpoints })

const NOBODY: Credential = {
  source: 'none',
  settingKey: undefined,
  via: undefined,
  last4: undefined,
  fingerprint: undefined,
  state: 'usable',
  secret: () => undefined,
}

describe('the dialect that a provider is spoken to in', () => {
  const chat = model('chat')
  const responses = model('responses')

  it.for([
    ['is the client’s where the provider speaks it', 'openai', 'openai-responses', chat, 'openai-responses'],
    ['is the client’s for a model that nobody lists', 'openai', 'openai-completions', undefined, 'openai-completions'],
    ['is the provider’s first where it does not', 'openai', 'anthropic-messages', chat, 'openai-chat'],
    ['is the provider’s first where the model does not answer in the client’s', 'openai', 'openai-completions', chat, 'openai-chat'],
    ['is the only one that the model answers in', 'openai', 'openai-chat', responses, 'openai-responses'],
    ['is the only one that the model answers in, for any client', 'openai', 'anthropic-messages', responses, 'openai-responses'],
    ['is the client’s at an aggregator, whose models all answer there', 'openrouter', 'openai-chat', responses, 'openai-chat'],
    ['is the first of a provider that speaks no other', 'cerebras', 'openai-chat', responses, 'openai-chat'],
  ] as const)('%s', ([, id, client, asked, spoken]) => {
    expect(speaking({ provider: provider(id), model: asked, wireModel: 'm' }, client).dialect.id).toBe(spoken)
  })

  it('is found once for a provider', () => {
    const asked = { provider: provider('deepseek'), model: chat, wireModel: 'm' }
    expect(speaking(asked, 'anthropic-messages')).toBe(speaking(asked, 'anthropic-messages'))
  })

  it('has no quirks of another dialect', () => {
    expect(speaking({ provider: provider('xai'), model: chat, wireModel: 'm' }, 'openai-responses').quirks).toEqual({})
  })
})

describe('where a further dialect is spoken', () => {
  const url = (id: string, client: string, { fields = {}, ...more }: Partial<Provider> & Pick<Credential, 'fields'> = {}): string => {
    const spoken = speaking({ provider: { ...provider(id), ...more }, model: undefined, wireModel: 'm' }, client)
    expect(spoken.dialect.id).toBe(client)
    return baseUrlOf(spoken, { ...NOBODY, fields }) + pathOf(spoken, { model: 'm', stream: false }, { ...NOBODY, fields })
  }

  it.for([
    ['openai', 'openai-responses', 'https://api.openai.com/v1/responses'],
    ['openai', 'openai-completions', 'https://api.openai.com/v1/completions'],
    ['xai', 'openai-responses', 'https://api.x.ai/v1/responses'],
    ['groq', 'openai-responses', 'https://api.groq.com/openai/v1/responses'],
    ['huggingface', 'openai-responses', 'https://router.huggingface.co/v1/responses'],
    ['deepseek', 'openai-responses', 'https://api.deepseek.com/responses'],
    ['deepseek', 'anthropic-messages', 'https://api.deepseek.com/anthropic/v1/messages'],
    ['minimax', 'anthropic-messages', 'https://api.minimax.io/anthropic/v1/messages'],
    ['minimax-cn', 'anthropic-messages', 'https://api.minimaxi.com/anthropic/v1/messages'],
    ['moonshot', 'anthropic-messages', 'https://api.moonshot.ai/anthropic/v1/messages'],
    ['kimi-coding', 'anthropic-messages', 'https://api.kimi.com/coding/v1/messages'],
    ['zai', 'anthropic-messages', 'https://api.z.ai/api/anthropic/v1/messages'],
    ['zai-coding', 'anthropic-messages', 'https://api.z.ai/api/anthropic/v1/messages'],
    ['zai-coding-cn', 'anthropic-messages', 'https://open.bigmodel.cn/api/anthropic/v1/messages'],
    ['dashscope', 'anthropic-messages', 'https://dashscope-intl.aliyuncs.com/apps/anthropic/v1/messages'],
    ['vercel', 'openai-responses', 'https://ai-gateway.vercel.sh/v1/responses'],
    ['vercel', 'anthropic-messages', 'https://ai-gateway.vercel.sh/v1/messages'],
    ['openrouter', 'anthropic-messages', 'https://openrouter.ai/api/v1/messages'],
    ['fireworks', 'anthropic-messages', 'https://api.fireworks.ai/inference/v1/messages'],
    ['fireworks', 'openai-responses', 'https://api.fireworks.ai/inference/v1/responses'],
    ['ollama-cloud', 'anthropic-messages', 'https://ollama.com/v1/messages'],
    ['together', 'openai-completions', 'https://api.together.ai/v1/completions'],
  ] as const)('%s, %s', ([id, client, address]) => {
    expect(url(id, client)).toBe(address)
  })

  it.for([
    ['a region', { fields: { region: 'cn' } }, 'https://api.minimaxi.com/anthropic/v1/messages'],
    ["an operator's address", { baseUrl: 'http://proxy.internal/minimax/v1' }, 'http://proxy.internal/minimax/anthropic/v1/messages'],
    ["a tenant's endpoint", { fields: { endpoint: 'https://own.example/v1' } }, 'https://own.example/anthropic/v1/messages'],
  ] as const)('follows %s', ([, more, address]) => {
    expect(url('minimax', 'anthropic-messages', more)).toBe(address)
  })

  it('never leaves the host it was given', () => {
    const speeches = providers.flatMap(({ also }) => also)
    expect(speeches.filter(({ basePath }) => basePath !== undefined && !/^(\.\.\/)*[a-z][a-z0-9]*(\/[a-z0-9]+)*$/.test(basePath))).toEqual(
      [],
    )
  })
})
