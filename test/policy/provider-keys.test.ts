import { describe, expect, it } from 'vitest'
import { type TenantId, tenantId } from '../../src/contract/ids.ts'
import type { Vault } from '../../src/contract/vault.ts'
import { GatewayError } from '../../src/errors.ts'
import { brennan, healthy, keysOver, openVault, platformOf, rowsOf } from '../support/provider-keys.ts'
import { providerOf } from '../support/shipped.ts'

const minimax = providerOf('minimax')
const walkOf = (...rows: string[]) => keysOver(rowsOf(rows)).keys.walk(brennan, minimax)

describe('which row counts', () => {
  const cases: [what: string, rows: string[], settingKey: string | undefined, secret: string | undefined][] = [
    ['the canonical one before any other', ['MINIMAX_2_7_API_KEY=old', 'MINIMAX_API_KEY=new'], 'MINIMAX_API_KEY', 'new'],
    ['a row in lower case', ['minimax_api_key=low'], 'MINIMAX_API_KEY', 'low'],
    [
      'of rows equal but for case the exact upper case, even if older',
      ['minimax_api_key=low@2026-06-01', 'MINIMAX_API_KEY=up@2026-01-01'],
      'MINIMAX_API_KEY',
      'up',
    ],
    [
      'else the newest',
      ['minimax_api_key=older@2026-01-01T00:00:00Z', 'Minimax_Api_Key=newer@2026-02-01T00:00:00Z'],
      'MINIMAX_API_KEY',
      'newer',
    ],
    ['not an empty one', ['MINIMAX_API_KEY=', 'MINIMAX_2_7_API_KEY=old'], 'MINIMAX_2_7_API_KEY', 'old'],
    ['not a blank one, whatever its case', ['MINIMAX_API_KEY=  ', 'minimax_api_key=low'], 'MINIMAX_API_KEY', 'low'],
    ['the JSON field `key`', ['MINIMAX_API_KEY={"key":"inner","region":"cn"}'], 'MINIMAX_API_KEY', 'inner'],
    ['none', ['MINIMAX_CN_API_KEY=other group', 'MINIMAX=x', 'XMINIMAX_API_KEY=x'], undefined, undefined],
  ]

  it.each(cases)('%s', (_, rows, ...[settingKey, secret]) => {
    const { tenant } = walkOf(...rows)
    expect([tenant?.settingKey, tenant?.secret()?.reveal()]).toEqual([settingKey, secret])
  })

  it('the same one in whatever order the table gives rows of one moment', () => {
    const rows = ['minimax_api_key=a', 'Minimax_api_key=b']
    expect(
      walkOf(...rows)
        .tenant?.secret()
        ?.reveal(),
    ).toBe(
      walkOf(...rows.toReversed())
        .tenant?.secret()
        ?.reveal(),
    )
  })

  it('the newest in UTC, wherever the gateway runs: as SQL writes the time and as ISO does', () => {
    const zone = process.env['TZ']
    process.env['TZ'] = 'Asia/Tokyo'
    try {
      const { tenant } = walkOf('minimax_api_key=sql@2026-05-02 10:00:01', 'Minimax_Api_Key=iso@2026-05-02T10:00:00.000Z')
      expect(tenant?.secret()?.reveal()).toBe('sql')
    } finally {
      if (zone === undefined) delete process.env['TZ']
      else process.env['TZ'] = zone
    }
  })

  it('one whose sealed value was copied from another row of its key group', () => {
    const sealed = 'sealed(t_brennan MINIMAX_API_KEY)inner'
    expect(walkOf(`MINIMAX_2_7_API_KEY=${sealed}`).tenant?.secret()?.reveal()).toBe('inner')
    expect(walkOf(`MINIMAX_API_KEY=${sealed}`).tenant?.secret()?.reveal()).toBe('inner')
    expect(keysOver(rowsOf([`OPENAI_API_KEY=${sealed}`])).keys.walk(brennan, providerOf('openai')).tenant?.state).toBe('unreadable')
  })

  it('the first that is there, even if it cannot be read: nothing is sent in its place', () => {
    const { tenant, lookedFor } = walkOf('MINIMAX_API_KEY=foreign:abc', 'MINIMAX_2_7_API_KEY=readable')
    expect(tenant).toMatchObject({ settingKey: 'MINIMAX_API_KEY', state: 'unreadable', last4: undefined, fingerprint: undefined })
    expect(() => tenant?.secret()).toThrow(
      new GatewayError('credential_unreadable', 'The key stored as MINIMAX_API_KEY cannot be read: another system sealed it.'),
    )
    expect(lookedFor.filter(({ found }) => found)).toEqual([
      { setting_key: 'MINIMAX_API_KEY', via: 'canonical', found: true, note: 'another system sealed it' },
      { setting_key: 'MINIMAX_2_7_API_KEY', via: 'legacy', found: true, note: 'MINIMAX_API_KEY comes first' },
    ])
  })

  it('none for a provider that takes no key: a made-up key does not reach the own network', () => {
    const { keys } = keysOver(rowsOf(['VLLM_API_KEY=made-up']), { platform: platformOf({ VLLM_API_KEY: 'ours' }) })
    const walk = keys.walk(brennan, providerOf('vllm'))
    expect([walk.tenant, walk.platform?.source, walk.platform?.secret(), walk.lookedFor]).toEqual([undefined, 'none', undefined, []])
  })
})

describe('what is said of the rows', () => {
  it('lists every name in order, the platform last', () => {
    const { keys } = keysOver(rowsOf(['KIMI_API_KEY=k']), { platform: platformOf({ MOONSHOTAI_API_KEY: 'ours' }) })
    expect(
      keys.walk(brennan, providerOf('moonshot')).lookedFor.map(({ setting_key, via, found }) => `${setting_key} ${via} ${found}`),
    ).toEqual([
      'MOONSHOT_API_KEY canonical false',
      'KIMI_API_KEY alias true',
      'MOONSHOTAI_API_KEY alias false',
      'MOONSHOT_API_KEY platform false',
      'KIMI_API_KEY platform false',
      'MOONSHOTAI_API_KEY platform true',
    ])
  })

  it('notes rows that differ in case, and empty ones', () => {
    const { lookedFor } = walkOf('minimax_api_key=a', 'Minimax_API_KEY=b@2026-07-01', 'MINIMAXI_API_KEY=')
    expect(lookedFor.filter(({ note }) => note).map(({ setting_key, note }) => [setting_key, note])).toEqual([
      ['MINIMAX_API_KEY', '2 rows differ only in case, and Minimax_API_KEY counts'],
      ['MINIMAXI_API_KEY', 'the row is empty'],
    ])
  })

  it('gives region and endpoint of JSON fields, and refuses a region the provider does not have', () => {
    expect(walkOf('MINIMAX_API_KEY={"key":"k","region":"cn","endpoint":"https://own.test"}').tenant?.fields).toEqual({
      region: 'cn',
      endpoint: 'https://own.test',
    })
    expect(walkOf('MINIMAX_API_KEY={"key":"k","region":"moon"}').tenant).toMatchObject({
      state: 'unreadable',
      trouble: 'it names the region moon, and MiniMax has only cn',
    })
    expect(walkOf('MINIMAX_API_KEY={"secret":"k"}').tenant?.state).toBe('unreadable')
  })

  it('never shows the key', () => {
    const secret = 'sk-canary-0123456789abcdef'
    const { keys } = keysOver(rowsOf([`minimax_api_key=${secret}`]), { platform: platformOf({ MINIMAX_API_KEY: secret }) })
    const shown = JSON.stringify([keys.walk(brennan, minimax), keys.status(brennan, minimax), keys.list(brennan), keys.unclaimed(brennan)])
    expect(shown).not.toContain(secret)
    expect(shown).toContain('"last4":"cdef"')
  })

  it('takes a bad key from its health, at once and without a new walk', () => {
    let bad = false
    const health = { ...healthy, isInvalid: () => bad, words: () => (bad ? 'invalid api key' : undefined) }
    const { keys } = keysOver(rowsOf(['MINIMAX_API_KEY=k']), { health })
    const { tenant } = keys.walk(brennan, minimax)
    bad = true
    expect(tenant).toMatchObject({ state: 'invalid', trouble: 'MiniMax refuses this key: invalid api key' })
    expect(keys.status(brennan, minimax).status).toBe('invalid')
  })
})

describe("the platform's key", () => {
  it('comes from the first name of the environment that holds one', () => {
    const { keys } = keysOver([], { platform: platformOf({ GOOGLE_API_KEY: '', GEMINI_API_KEY: 'ours' }) })
    const { tenant, platform } = keys.walk(brennan, providerOf('google'))
    expect([tenant, platform?.settingKey, platform?.via, platform?.secret()?.reveal()]).toEqual([
      undefined,
      'GEMINI_API_KEY',
      'platform',
      'ours',
    ])
  })

  it('is not one a tenant stored, nor the other way round', () => {
    const { keys } = keysOver(rowsOf(['MINIMAX_API_KEY=theirs']), { platform: platformOf({ MINIMAX_API_KEY: 'ours' }) })
    const { tenant, platform } = keys.walk(brennan, minimax)
    expect([tenant?.secret()?.reveal(), platform?.secret()?.reveal()]).toEqual(['theirs', 'ours'])
  })
})

describe('storing, deleting, moving and sealing', () => {
  const rows = rowsOf([
    'minimax_api_key=low',
    'MINIMAX_2_7_API_KEY=old',
    'MINIMAXI_API_KEY=',
    'LUX_API_KEY=x',
    'THEME=dark',
    'OPENAI_API_KEY=o',
  ])
  const { keys } = keysOver(rows)

  it('stores the canonical row and names what it shadows', () => {
    expect(keys.store(brennan, minimax, 'tg1:…')).toEqual({
      put: [{ key: 'MINIMAX_API_KEY', value: 'tg1:…' }],
      remove: [],
      shadows: ['minimax_api_key', 'MINIMAX_2_7_API_KEY'],
    })
  })

  it('stores nothing for a provider that takes no key', () => {
    expect(() => keys.store(brennan, providerOf('ollama'), 'x')).toThrow('Ollama takes no key')
  })

  it('deletes every row of the walk exactly as it is written, blank ones too', () => {
    expect(keys.remove(brennan, minimax)).toEqual({ put: [], remove: ['minimax_api_key', 'MINIMAXI_API_KEY', 'MINIMAX_2_7_API_KEY'] })
  })

  it('shows each row of the walk for a diagnosis', () => {
    expect(keys.rows(brennan, minimax).map(({ setting_key, via, form }) => [setting_key, via, form])).toEqual([
      ['MINIMAX_API_KEY', 'canonical', 'plain'],
      ['MINIMAX_2_7_API_KEY', 'legacy', 'plain'],
    ])
  })

  it('lists providers with a row, and rows without a provider', () => {
    expect(keys.list(brennan).map(({ provider, shadows }) => [provider, shadows])).toEqual([
      ['minimax', ['MINIMAX_2_7_API_KEY']],
      ['openai', []],
    ])
    expect(keys.unclaimed(brennan).map(({ setting_key, because }) => [setting_key, because])).toEqual([
      ['LUX_API_KEY', 'No provider of this name is known any more; use the provider that serves the model now.'],
      ['THEME', undefined],
    ])
  })

  it('moves the row that counts to the canonical name, as it is', () => {
    const legacy = keysOver(rowsOf(['MINIMAX_2_7_API_KEY=sealed(x y)z', 'MINIMAX_API_KEY=', 'ZHIPU_API_KEY=g', 'OPENAI_API_KEY=o'])).keys
    expect(legacy.migrate(brennan)).toEqual({
      put: [
        { key: 'MINIMAX_API_KEY', value: 'sealed(x y)z' },
        { key: 'ZAI_API_KEY', value: 'g' },
      ],
      remove: ['MINIMAX_2_7_API_KEY', 'ZHIPU_API_KEY'],
      moves: [
        { from: 'MINIMAX_2_7_API_KEY', to: 'MINIMAX_API_KEY' },
        { from: 'ZHIPU_API_KEY', to: 'ZAI_API_KEY' },
      ],
      kept: [],
    })
  })

  it('moves nothing where the providers of a group use different rows', () => {
    const split = keysOver(rowsOf(['ZHIPU_API_KEY=general', 'ZAI_CODING_API_KEY=coding'])).keys
    expect(split.migrate(brennan)).toEqual({ put: [], remove: [], moves: [], kept: ['ZHIPU_API_KEY', 'ZAI_CODING_API_KEY'] })
  })

  it('seals every plain row of every walk where it lies', async () => {
    const plain = keysOver(
      rowsOf([
        'MINIMAX_2_7_API_KEY=old',
        'openai_api_key={"key":"o","region":"eu"}',
        'THEME=dark',
        'XAI_API_KEY=foreign:x',
        'GROQ_API_KEY=sealed(t_brennan GROQ_API_KEY)g',
      ]),
    ).keys
    expect(await plain.seal(brennan)).toEqual({
      put: [
        { key: 'MINIMAX_2_7_API_KEY', value: 'sealed(t_brennan MINIMAX_API_KEY)old' },
        { key: 'openai_api_key', value: 'sealed(t_brennan OPENAI_API_KEY){"key":"o","region":"eu"}' },
      ],
      remove: [],
    })
  })

  it('counts how keys that were used had been found', () => {
    keys.used('legacy')
    keys.used('legacy')
    keys.used('platform')
    expect(Object.fromEntries(keys.counts())).toEqual({ legacy: 2, platform: 1 })
  })
})

describe('what is remembered', () => {
  it('is the very same walk until a row changes', () => {
    const { keys, set } = keysOver(rowsOf(['MINIMAX_API_KEY=one']))
    const before = keys.walk(brennan, minimax)
    expect(keys.walk(brennan, minimax)).toBe(before)
    set(rowsOf(['MINIMAX_API_KEY=two']))
    expect(keys.walk(brennan, minimax).tenant?.secret()?.reveal()).toBe('two')
  })

  it('of an unreadable row lasts a second, since its data key may be on its way', () => {
    let now = 0
    let arrived = false
    const vault: Vault = {
      ...openVault,
      open: (row, value) => (arrived ? openVault.open(row, value) : { state: 'unreadable', trouble: 'no data key' }),
    }
    const { keys } = keysOver(rowsOf(['MINIMAX_API_KEY=k']), { vault, now: () => now })
    expect(keys.walk(brennan, minimax).tenant?.state).toBe('unreadable')
    arrived = true
    now = 999
    expect(keys.walk(brennan, minimax).tenant?.state).toBe('unreadable')
    now = 1000
    expect(keys.walk(brennan, minimax).tenant?.state).toBe('usable')
  })

  it('of an opened secret lasts a minute', () => {
    let now = 0
    let opened = 0
    const vault: Vault = {
      ...openVault,
      open: (row, value) => {
        opened += 1
        return openVault.open(row, value)
      },
    }
    const { keys } = keysOver(rowsOf(['MINIMAX_API_KEY=k']), { vault, now: () => now })
    const use = (): number => {
      keys.walk(brennan, minimax).tenant?.secret()
      return opened
    }
    const first = use()
    now = 59_999
    expect(use() - first).toBe(0)
    now = 60_000
    expect(use() - first).toBe(1)
  })

  it('is of the last ten thousand tenants', () => {
    const rows = { rowsOf: (tenant: TenantId) => rowsOf(['MINIMAX_API_KEY=k'], tenant), versionOf: () => 1 }
    const { keys } = keysOver([], { rows })
    const walks = Array.from({ length: 10_001 }, (_, index) => keys.walk(tenantId(`t_${index}`), minimax))
    expect(keys.walk(tenantId('t_1'), minimax)).toBe(walks[1])
    expect(keys.walk(tenantId('t_0'), minimax)).not.toBe(walks[0])
  })
})
