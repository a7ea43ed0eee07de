// What a person decides about the catalogue: reviewed data, no code. A refresh never moves a tier that catalog.json already holds.
import type { ListedModel, Tier } from '../src/contract/catalog.ts'

/** Up to this many US dollars per million tokens, three parts input to one part output, for the vendor's own offer. */
export const TIERS: readonly (readonly [tier: Tier, upTo: number])[] = [
  ['economy', 2],
  ['standard', 6],
  ['premium', 12],
  ['frontier', Number.POSITIVE_INFINITY],
]

/** Where the price tells the wrong story: models that are dear for their age or their job, not for what they can do. */
export const TIER_OVERRIDES: Readonly<Record<string, Tier>> = {
  'claude-3-opus-20240229': 'premium',
  'claude-3-opus-latest': 'premium',
  'claude-opus-4-0': 'premium',
  'claude-opus-4-1': 'premium',
  'claude-opus-4-1-20250805': 'premium',
  'claude-opus-4-20250514': 'premium',
  'gpt-3.5-turbo-16k': 'economy',
  'gpt-4': 'standard',
  'gpt-4-0613': 'standard',
  'gpt-4-turbo': 'standard',
  'gpt-4-turbo-2024-04-09': 'standard',
  o1: 'premium',
  'o1-2024-12-17': 'premium',
  'o1-preview': 'premium',
}

/**
 * A vendor's own models: our provider id, its names in the three sources, and the wire models that the freshest list leaves out,
 * because they call no tools (`also`) or are of an earlier generation (`earlier`, marked deprecated).
 */
export interface Vendor {
  readonly provider: string
  readonly piAi?: string
  /** Only these of pi-ai's list, where that also holds other vendors' models. */
  readonly only?: readonly string[]
  readonly genaiPrices?: string
  readonly modelParams?: string
  readonly also?: readonly string[]
  readonly earlier?: readonly string[]
  readonly embeddings?: readonly string[]
}

export const VENDORS: readonly Vendor[] = [
  {
    provider: 'anthropic',
    piAi: 'anthropic',
    genaiPrices: 'anthropic',
    modelParams: 'anthropic',
    also: ['claude-opus-4-1', 'claude-opus-4-1-20250805'],
    earlier: [
      ...['claude-opus-4-0', 'claude-opus-4-20250514', 'claude-sonnet-4-0', 'claude-sonnet-4-20250514'],
      ...['claude-3-7-sonnet-latest', 'claude-3-7-sonnet-20250219', 'claude-3-5-sonnet-latest', 'claude-3-5-sonnet-20241022'],
      ...[
        'claude-3-5-haiku-latest',
        'claude-3-5-haiku-20241022',
        'claude-3-opus-latest',
        'claude-3-opus-20240229',
        'claude-3-haiku-20240307',
      ],
    ],
  },
  {
    provider: 'cohere',
    genaiPrices: 'cohere',
    modelParams: 'cohere',
    also: ['command-a-03-2025', 'command-r-08-2024', 'command-r-plus-08-2024', 'command-r7b-12-2024'],
    embeddings: ['embed-v4.0'],
  },
  // Sold as a plan in the source, so without a price: the same models on the pay-as-you-go endpoint cost what no source tells.
  {
    provider: 'dashscope',
    piAi: 'qwen-token-plan',
    only: ['qwen3.6-flash', 'qwen3.6-plus', 'qwen3.7-max', 'qwen3.7-plus', 'qwen3.8-flash', 'qwen3.8-max'],
    modelParams: 'alibaba',
  },
  {
    provider: 'deepseek',
    piAi: 'deepseek',
    genaiPrices: 'deepseek',
    modelParams: 'deepseek',
    also: ['deepseek-v4-flash'],
    earlier: ['deepseek-chat', 'deepseek-reasoner'],
  },
  {
    provider: 'google',
    piAi: 'google',
    genaiPrices: 'google',
    modelParams: 'google',
    earlier: ['gemini-1.5-flash', 'gemini-1.5-pro', 'gemini-2.0-flash', 'gemini-2.0-flash-lite', 'gemini-3-pro-preview'],
    embeddings: ['gemini-embedding-001'],
  },
  { provider: 'kimi-coding', piAi: 'kimi-coding' },
  { provider: 'meta', piAi: 'meta', modelParams: 'meta' },
  {
    provider: 'minimax',
    piAi: 'minimax',
    genaiPrices: 'minimax',
    modelParams: 'minimax',
    also: ['MiniMax-M2.5', 'MiniMax-M2.5-highspeed'],
    earlier: ['MiniMax-M2', 'MiniMax-M2.1', 'MiniMax-M2.1-highspeed'],
  },
  {
    provider: 'mistral',
    piAi: 'mistral',
    genaiPrices: 'mistral',
    modelParams: 'mistral',
    earlier: ['magistral-small-latest', 'mistral-large-2411', 'pixtral-large-latest', 'open-mistral-7b', 'open-mixtral-8x7b'],
    embeddings: ['mistral-embed'],
  },
  {
    provider: 'moonshot',
    piAi: 'moonshotai',
    genaiPrices: 'moonshotai',
    modelParams: 'moonshot',
    also: ['kimi-k2.5'],
    earlier: [
      ...['kimi-k2-0711-preview', 'kimi-k2-0905-preview', 'kimi-k2-thinking', 'kimi-k2-thinking-turbo', 'kimi-k2-turbo-preview'],
      ...['moonshot-v1-8k', 'moonshot-v1-32k', 'moonshot-v1-128k'],
    ],
  },
  {
    provider: 'openai',
    piAi: 'openai',
    genaiPrices: 'openai',
    modelParams: 'openai',
    also: [
      ...['gpt-4.1-2025-04-14', 'gpt-4.1-mini-2025-04-14', 'gpt-4.1-nano-2025-04-14', 'gpt-4o-mini-2024-07-18'],
      ...['gpt-5-2025-08-07', 'gpt-5-mini-2025-08-07', 'gpt-5-nano-2025-08-07', 'gpt-5.1-2025-11-13', 'gpt-5.2-2025-12-11'],
      ...['gpt-5.4-2026-03-05', 'gpt-5.4-mini-2026-03-17', 'gpt-5.4-nano-2026-03-17', 'gpt-5.5-2026-04-23'],
      ...['o1-2024-12-17', 'o3-2025-04-16', 'o3-mini-2025-01-31', 'o4-mini-2025-04-16', 'gpt-audio', 'gpt-audio-mini'],
      ...[
        'gpt-5-codex',
        'gpt-5.1-codex',
        'gpt-5.1-codex-max',
        'gpt-5.1-codex-mini',
        'gpt-5.2-codex',
        'gpt-5.1-chat-latest',
        'gpt-5.2-chat-latest',
      ],
    ],
    earlier: [
      ...['gpt-3.5-turbo', 'gpt-3.5-turbo-0125', 'gpt-3.5-turbo-1106', 'gpt-3.5-turbo-16k', 'gpt-4-0613', 'gpt-4-turbo-2024-04-09'],
      ...['chatgpt-4o-latest', 'codex-mini-latest', 'o1-mini', 'o1-preview', 'gpt-4o-search-preview'],
    ],
    embeddings: ['text-embedding-3-large', 'text-embedding-3-small', 'text-embedding-ada-002'],
  },
  {
    provider: 'perplexity',
    genaiPrices: 'perplexity',
    modelParams: 'perplexity',
    also: ['sonar', 'sonar-pro', 'sonar-reasoning-pro'],
    earlier: ['sonar-reasoning'],
  },
  {
    provider: 'xai',
    piAi: 'xai',
    genaiPrices: 'x-ai',
    modelParams: 'xai',
    also: ['grok-4.20', 'grok-build-0.1', 'grok-4-1-fast-reasoning', 'grok-4-1-fast-non-reasoning', 'grok-code-fast-1'],
    earlier: ['grok-2-1212', 'grok-3', 'grok-3-mini', 'grok-4-0709', 'grok-4-fast-reasoning', 'grok-4-fast-non-reasoning'],
  },
  { provider: 'xiaomi', piAi: 'xiaomi', modelParams: 'xiaomi' },
  { provider: 'zai', piAi: 'zai', genaiPrices: 'zai', modelParams: 'z-ai' },
]

/**
 * Providers that serve other vendors' models, and a vendor's sites under another key. `joins` says which heads of the names are which
 * vendor, '' for names without a head: what follows, exactly as that vendor spells it or as `SPELLINGS` says, is its model.
 */
export interface Reseller {
  readonly provider: string
  readonly piAi: string
  readonly joins?: Readonly<Record<string, string>>
  /** False: what a name reaches depends on the account's region, or on the dialect it is asked in; `auto` would choose what is not there. */
  readonly auto?: false
}

export const RESELLERS: readonly Reseller[] = [
  { provider: 'baseten', piAi: 'baseten' },
  { provider: 'bedrock', piAi: 'amazon-bedrock', auto: false },
  { provider: 'cerebras', piAi: 'cerebras' },
  { provider: 'fireworks', piAi: 'fireworks' },
  { provider: 'groq', piAi: 'groq' },
  { provider: 'huggingface', piAi: 'huggingface' },
  { provider: 'minimax-cn', piAi: 'minimax-cn', joins: { '': 'minimax' } },
  { provider: 'moonshot-cn', piAi: 'moonshotai-cn', joins: { '': 'moonshot' } },
  {
    provider: 'openrouter',
    piAi: 'openrouter',
    joins: {
      anthropic: 'anthropic',
      deepseek: 'deepseek',
      google: 'google',
      minimax: 'minimax',
      mistralai: 'mistral',
      moonshotai: 'moonshot',
      openai: 'openai',
      'x-ai': 'xai',
      xiaomi: 'xiaomi',
      'z-ai': 'zai',
    },
  },
  { provider: 'opencode-zen', piAi: 'opencode', auto: false },
  { provider: 'together', piAi: 'together' },
  {
    provider: 'vercel',
    piAi: 'vercel-ai-gateway',
    joins: {
      anthropic: 'anthropic',
      deepseek: 'deepseek',
      google: 'google',
      minimax: 'minimax',
      mistral: 'mistral',
      moonshotai: 'moonshot',
      openai: 'openai',
      spacexai: 'xai',
      xiaomi: 'xiaomi',
      zai: 'zai',
    },
  },
  { provider: 'vertex', piAi: 'google-vertex', joins: { '': 'google' } },
]

/** A reseller's spelling -> the vendor's, for one and the same model. */
export const SPELLINGS: Readonly<Record<string, string>> = {
  'claude-fable-5.1': 'claude-fable-5-1',
  'claude-fable-5.2': 'claude-fable-5-2',
  'claude-haiku-4.5': 'claude-haiku-4-5',
  'claude-haiku-5.5': 'claude-haiku-5-5',
  'claude-opus-4.1': 'claude-opus-4-1',
  'claude-opus-4.5': 'claude-opus-4-5',
  'claude-opus-4.6': 'claude-opus-4-6',
  'claude-opus-4.7': 'claude-opus-4-7',
  'claude-opus-4.8': 'claude-opus-4-8',
  'claude-opus-5.5': 'claude-opus-5-5',
  'claude-sonnet-4.5': 'claude-sonnet-4-5',
  'claude-sonnet-4.6': 'claude-sonnet-4-6',
  'claude-sonnet-5.5': 'claude-sonnet-5-5',
  'minimax-m2.5': 'MiniMax-M2.5',
  'minimax-m2.7': 'MiniMax-M2.7',
  'minimax-m3': 'MiniMax-M3',
  'minimax-m3.1-flash': 'MiniMax-M3.1-Flash',
}

/** Endings of a reseller's names that are no model of their own: OpenRouter sells `:batch` on its batch endpoint only. */
export const NOT_CHAT_ENDINGS: readonly string[] = [':batch']
/** Endings by which a reseller promises a price of zero, so that zero is a price and not a gap. */
export const FREE_ENDINGS: readonly string[] = [':free']

/** Capabilities that the sources are silent about and the vendors' own pages tell. */
export const CAPABILITIES: Readonly<Record<string, ListedModel['capabilities']>> = {
  sonar: { tools: false },
  'sonar-pro': { tools: false },
  'sonar-reasoning': { tools: false, reasoning: true },
  'sonar-reasoning-pro': { tools: false, reasoning: true },
}

/** Listed, but never chosen by `auto`: made for one job, or answering in another way than a chat. */
export const NOT_FOR_AUTO: ReadonlySet<string> = new Set([
  ...['deep-research-max-preview-04-2026', 'deep-research-preview-04-2026', 'gemini-2.5-computer-use-preview-10-2025'],
  ...['gemini-3.1-pro-preview-customtools', 'gemini-robotics-er-2-preview', 'gpt-audio', 'gpt-audio-mini', 'voxtral-small-2507'],
  ...['voxtral-small-latest', 'gpt-5.6-cyber', 'gpt-daybreak-blue-latest', 'gpt-daybreak-red-latest'],
])

/** Served on OpenAI's Responses API alone (its model pages); a chat call for one is answered with 404. */
export const RESPONSES_ONLY: ReadonlySet<string> = new Set([
  ...['o1-pro', 'o3-pro', 'gpt-5-pro', 'gpt-5.2-pro', 'gpt-5.4-pro', 'gpt-5.5-pro', 'codex-mini-latest'],
  ...['gpt-5-codex', 'gpt-5.1-codex', 'gpt-5.1-codex-max', 'gpt-5.1-codex-mini', 'gpt-5.2-codex', 'gpt-5.3-codex', 'gpt-5.3-codex-spark'],
])

const builtIn = (name: string, more: Partial<ListedModel> = {}): ListedModel => ({
  id: `demo/${name}`,
  tier: 'economy',
  capabilities: { tools: true, json_schema: true, reasoning: true },
  context: 128_000,
  maxOutput: 16_384,
  lifecycle: 'active',
  endpoints: ['chat'],
  auto: false,
  offers: [{ provider: 'demo', wireModel: name, price: { input: 0, output: 0 } }],
  ...more,
})

/** The built-in provider's: truly free. Only the harmless one may be what `auto` finds. */
export const BUILT_IN: readonly ListedModel[] = [
  builtIn('echo', { auto: undefined }),
  ...['cut', 'fail-429', 'fail-500', 'json', 'reasoning', 'stall', 'stream', 'tools'].map((name) => builtIn(name)),
  builtIn('frontier', { tier: 'frontier' }),
]
