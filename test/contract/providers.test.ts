import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { providers } from '../../providers/index.ts'
import { retired } from '../../providers/retired.ts'
import { partsIn } from '../../src/contract/credential-schema.ts'
import { type SettingKey, settingKeyOf } from '../../src/contract/ids.ts'
import { spokenDialects } from '../../src/main/spoken-dialects.ts'
import { shipped } from '../support/shipped.ts'

const ENV_NAME = /^[A-Z][A-Z0-9_]*$/

describe('the roll-call', () => {
  it('calls every file of providers/, in alphabetical order', () => {
    const entries = readdirSync(join(import.meta.dirname, '../../providers'), { withFileTypes: true })
    const files = entries.filter((entry) => entry.isFile()).map(({ name }) => name.replace(/\.ts$/, ''))
    expect(providers.map(({ id }) => id)).toEqual(files.filter((file) => !['index', 'retired', 'roll-call'].includes(file)).sort())
  })

  it('has the providers that are promised', () => {
    const ids = new Set<string>(providers.map(({ id }) => id))
    expect(PROMISED.filter((id) => !ids.has(id))).toEqual([])
  })

  it('gives one setting key to one key group, and a key group to one vendor', () => {
    const groups = new Map<SettingKey, Set<string>>()
    const vendors = new Map<SettingKey, Set<string>>()
    for (const provider of shipped.providers) {
      vendors.set(provider.apiKeyEnv, (vendors.get(provider.apiKeyEnv) ?? new Set()).add(provider.vendor))
      for (const { settingKey } of shipped.steps(provider))
        groups.set(settingKey, (groups.get(settingKey) ?? new Set()).add(provider.apiKeyEnv))
    }
    expect([...groups].filter(([, of]) => of.size > 1)).toEqual([])
    expect([...vendors].filter(([, of]) => of.size > 1)).toEqual([])
  })

  it("lets no vendor's key prefix begin another's", () => {
    const prefixes = providers.flatMap(({ vendor, keyPrefixes }) => keyPrefixes.map((prefix) => ({ vendor, prefix })))
    const mixed = prefixes.flatMap((one) => prefixes.filter((other) => other.vendor !== one.vendor && other.prefix.startsWith(one.prefix)))
    expect(mixed).toEqual([])
  })
})

describe.each(providers)('$id', (provider) => {
  it('has an id that is fit for a path, an environment name and a file', () => {
    expect(provider.id).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/)
  })

  it('names its settings in upper case', () => {
    const names = [provider.apiKeyEnv, ...provider.envAliases, settingKeyOf(provider.id)]
    expect(names.filter((name) => !ENV_NAME.test(name))).toEqual([])
  })

  it('is reached over https, below a path without an end, unless it is for the operator to say where', () => {
    const urls = [...(provider.baseUrl === undefined ? [] : [provider.baseUrl]), ...Object.values(provider.regions ?? {})]
    expect(urls.filter((url) => !isPlainHttps(url.replace(/\{[a-z_]+\}/g, 'part')))).toEqual([])
    expect(provider.baseUrl === undefined).toBe(provider.credential === 'none')
  })

  it('speaks dialects that an operator can name, each once', () => {
    const spoken = [provider.dialect, ...provider.also.map(({ dialect }) => dialect)]
    expect(spoken.filter(({ id, named = id }) => !spokenDialects.has(named))).toEqual([])
    const voiced = [provider, ...provider.also].map(({ dialect, models }) => `${dialect.id} ${models}`)
    expect(voiced.length).toBe(new Set(voiced).size)
  })

  it('lets no part of a credential lead out of the address it stands in', () => {
    const { baseUrl = '', regions = {}, credentials } = provider
    const ways = credentials?.ways ?? []
    const places = [baseUrl, ...Object.values(regions), ...ways.map(({ mint }) => mint?.url ?? '')].flatMap(partsIn)
    const escaping = ['', '.', '..', 'a.b', 'a/b', 'a\\b', 'a@b', 'a:1', 'a?b', 'a#b', 'a%2fb', 'a b', 'a\n', '{a}']
    const loose = places.filter((name) => escaping.some((text) => credentials?.parts[name]?.shape?.test(text) ?? true))
    expect(loose).toEqual([])
  })

  it('needs and takes only parts that it has, and shows what it calls no secret', () => {
    const { parts = {}, ways = [] } = provider.credentials ?? {}
    const named = ways.flatMap(({ needs, takes = [], principal }) => [...needs, ...takes, ...(principal ? [principal] : [])])
    expect(named.filter((name) => !Object.hasOwn(parts, name))).toEqual([])
    expect(Object.keys(parts).filter((name) => !/^[a-z][a-z0-9_]*$/.test(name))).toEqual([])
    const variables = Object.values(parts).flatMap(({ env = [], fileEnv = [] }) => [...env, ...fileEnv])
    expect(variables.filter((name) => !ENV_NAME.test(name))).toEqual([])
  })

  it('sends its key in one header, and no key in the others', () => {
    const headers = [provider.auth.header, ...Object.keys(provider.headers)]
    expect(headers.filter((name) => name !== name.toLowerCase())).toEqual([])
    expect(Object.keys(provider.headers).filter((name) => /key|token|auth|cookie/.test(name))).toEqual([])
  })

  it('calls a key bad for 401 or for words that only a bad key earns', () => {
    expect(provider.badKey).toContainEqual({ status: 401 })
    expect(provider.badKey.filter((row) => row.status !== 401 && row.code === undefined && row.message === undefined)).toEqual([])
  })

  it('leaves former ids to the table of retired ids', () => {
    expect(provider.legacyIds).toEqual([])
  })

  it('probes a path, where it has one to probe', () => {
    expect(provider.probePath ?? '/').toMatch(/^\/[A-Za-z0-9/.:-]*(?:\?api-version=\{api_version\})?$/)
    expect(provider.probePath === undefined).toBe(provider.probePath === undefined && provider.probeBody === undefined)
  })
})

describe('retired ids', () => {
  it('are not living, and are given once', () => {
    const living = new Set<string>(providers.map(({ id }) => id))
    expect(retired.filter(({ id }) => living.has(id))).toEqual([])
    expect(retired.length).toBe(new Set(retired.map(({ id }) => id)).size)
  })

  it.each(retired)('$id leads to a living provider, or says why not', ({ id, now, because }) => {
    const found = shipped.lookup(id)
    expect(found).toMatchObject({ legacy: true, retired: { id } })
    expect(found?.provider?.id).toBe(now)
    if (now === undefined) expect(because).toMatch(/\.$/)
  })

  it.each(formerIds())('%s is remembered as %s', (id, provider, model) => {
    expect(shipped.lookup(id)?.provider?.id).toBe(provider)
    expect(shipped.lookup(id)?.retired?.model).toBe(model)
  })

  it('is the only place that knows lux, whose vendor nobody remembers', () => {
    expect(shipped.lookup('lux')).toMatchObject({ provider: undefined, retired: { apiKeyEnv: 'LUX_API_KEY' } })
    expect(shipped.groupOf(settingKeyOf('lux'))).toBe('LUX_API_KEY')
  })
})

function isPlainHttps(url: string): boolean {
  const { protocol, search, hash, username, href } = new URL(url)
  const plain = protocol === 'https:' && search === '' && hash === '' && username === ''
  return plain && !url.endsWith('/') && (href === url || href === `${url}/`)
}

/** Ids that stood in installations this gateway took over, the provider each became, and the model it stood for. */
function formerIds(): [id: string, provider: string, model: string | undefined][] {
  return [
    ['minimax_2_7', 'minimax', 'MiniMax-M2.7'],
    ['minimax_2_5', 'minimax', 'MiniMax-M2.5'],
    ['minimax_m3', 'minimax', 'MiniMax-M3'],
    ['google_flash', 'google', 'gemini-flash-latest'],
    ['google_flash_3_5', 'google', 'gemini-3.5-flash'],
    ['gemini_flash', 'google', 'gemini-flash-latest'],
    ['gemini_flash_3_5', 'google', 'gemini-3.5-flash'],
    ['gemini', 'google', undefined],
    ['google_gemini', 'google', undefined],
    ['anthropic_opus_4_6', 'anthropic', 'claude-opus-4-6'],
    ['openai_5_3', 'openai', undefined],
    ['glm', 'zai', undefined],
    ['glm_5', 'zai', 'glm-5'],
    ['zhipu', 'zai', undefined],
    ['qwen', 'dashscope', undefined],
    ['kimi', 'moonshot', undefined],
  ]
}

const PROMISED = [
  ...['openai', 'anthropic', 'google', 'minimax', 'mistral', 'deepseek', 'groq', 'xai', 'openrouter', 'together', 'fireworks', 'cerebras'],
  ...['perplexity', 'moonshot', 'dashscope', 'zai', 'nvidia', 'huggingface', 'sambanova', 'deepinfra', 'hyperbolic', 'novita', 'nebius'],
  ...['siliconflow', 'baseten', 'venice', 'volcengine', 'stepfun', 'xiaomi', 'ollama', 'vllm', 'lmstudio', 'llamacpp', 'demo'],
]
