import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { baseUrlOf } from '../../src/config/base-urls.ts'
import { loadConfig } from '../../src/config/load.ts'
import { providerId, settingKey } from '../../src/contract/ids.ts'
import { folderWith, problemsOf } from '../support/config-folders.ts'

const settingsOf = (yaml: string, env: Record<string, string> = {}) =>
  loadConfig({ folder: folderWith({ 'gateway.yaml': yaml }), env }).settings
const problems = (yaml: string, env: Record<string, string> = {}) =>
  problemsOf(() => loadConfig({ folder: folderWith({ 'gateway.yaml': yaml }), env }))

describe('gateway.yaml', () => {
  it('takes durations and sizes with their units', () => {
    const yaml =
      'deadlines: { first_byte: 1.5m, connect: 500ms }\nsizes: { body: 1MiB, answer_frame: 512 KiB, header_block: 8192 }\ndrain_delay: 3\n'
    expect(settingsOf(yaml)).toMatchObject({
      deadlines: { connect: 500, firstByte: 90_000, firstByteUnstreamed: 600_000, progress: 60_000, total: 1_800_000 },
      sizes: {
        body: 1_048_576,
        answerFrame: 524_288,
        headerBlock: 8_192,
        jsonDepth: 64,
        jsonTokens: 200_000,
        keptAnswer: 1_048_576,
        cache: 67_108_864,
      },
      drainDelay: 3_000,
    })
  })

  it('says who hears of ended attempts, a folder beside it, and what is kept', () => {
    const { configFolder, ledgerExport, retention } = settingsOf(
      'ledger_export: [{ name: lake, folder: out }]\nretention: { attempts: none, hourly_sums: 90d }\n',
    )
    expect(ledgerExport).toEqual([{ name: 'lake', folder: join(configFolder, 'out'), mostBytes: 64 * 1024 ** 2 }])
    expect(retention).toEqual({ attempts: undefined, hourlySums: 90 * 86_400_000 })
  })

  it('takes another program’s tables, what its words mean, and which rows count', () => {
    const yaml = 'tenants_from:\n  table: accounts\n  columns: { id: uuid }\n  filter: { deleted_at: null, kind: [1, true, x] }\n'
    const { tenantsFrom, settingsFrom } = settingsOf(yaml, { DATABASE_URL: 'postgres://h/d' })
    const filter = { deleted_at: [null], kind: ['1', 'true', 'x'] }
    expect(tenantsFrom).toMatchObject({ schema: 'public', table: 'accounts', columns: { id: 'uuid' }, values: {}, filter })
    expect(tenantsFrom?.writtenAt('columns', 'id')).toBe('gateway.yaml:3 tenants_from.columns.id')
    expect(settingsFrom).toBeUndefined()
  })

  it.each([
    ['host: 127.0.0.1', 0],
    ['host: "::1"', 0],
    ['host: localhost', 0],
    ['host: 0.0.0.0', 5_000],
    ['host: 10.0.0.5', 5_000],
  ])('%s drains after %d ms', (yaml, delay) => {
    expect(settingsOf(yaml).drainDelay).toBe(delay)
  })

  it.each([
    ['port: 70000', 'gateway.yaml:1 port: Give a port from 0 to 65535; 0 lets the system choose.'],
    ['admin_addr: "9090"', 'gateway.yaml:1 admin_addr: Write host and port, such as 127.0.0.1:9090 or [::1]:9090.'],
    ['sizes: { body: 3 apples }', 'gateway.yaml:1 sizes.body: Write a size such as 512B, 16KiB or 32MiB.'],
    ['demo: maybe', 'gateway.yaml:1 demo: "maybe" is not one of on, off.'],
    ['timezone: Mars/Olympus', 'gateway.yaml:1 timezone: Give an IANA time zone such as UTC or Europe/Zurich.'],
    [
      'cors_origins: [https://app.example.com/x]',
      'gateway.yaml:1 cors_origins[0]: Give an origin such as https://app.example.com, without a path.',
    ],
    ['master_keys: k1:abc', 'gateway.yaml:1 master_keys: "master_keys" is no key here; known are '],
    ['secrets: { openers: [{ type: fernet }] }', 'gateway.yaml:1 secrets.openers[0].key_file: Give text here.'],
    ['secrets: { openers: [{ type: vault }] }', 'gateway.yaml:1 secrets.openers[0]'],
    [
      'platform_keys: { openai_api_key: f }',
      'gateway.yaml:1 platform_keys.openai_api_key: Give the name of an environment variable in capitals, such as ACME_API_KEY.',
    ],
    ['ledger_export: [{ name: My Lake, folder: f }]', 'gateway.yaml:1 ledger_export[0].name: Give a name of small letters'],
    ['ledger_export: [{ name: a, folder: b }, { name: a, folder: c }]', 'Two destinations have the same name'],
    ['retention: { attempts: 1d }', 'gateway.yaml:1 retention.attempts: Keep rows for seven days at least'],
    ['retention: { hourly_sums: 30d }', 'gateway.yaml:1 retention.hourly_sums: Keep hourly sums for forty days at least'],
    [
      'base_urls: { openai: "https://user:pass@llm.example" }',
      'gateway.yaml:1 base_urls.openai: Give an http or https URL without user, query or fragment, such as https://api.example.com/v1.',
    ],
    ['tenants_from: {}', 'gateway.yaml:1 tenants_from: This reads a table beside ours in PostgreSQL, and DATABASE_URL names none'],
    [
      'settings_from: { columns: { value: v } }',
      'gateway.yaml:1 settings_from.columns.value: "value" is no key here; known are tenant_id,',
    ],
    ['tenants_from: { filter: { plan: [] } }', 'gateway.yaml:1 tenants_from.filter.plan: Give'],
    ['tenants_from: { table: "" }', 'gateway.yaml:1 tenants_from.table: Give the name as PostgreSQL has it'],
  ])('refuses %s', (yaml, problem) => {
    expect(problems(yaml)).toEqual([expect.stringContaining(problem)])
  })
})

describe('secrets', () => {
  it('are never written in a YAML file, only the path of theirs', () => {
    const told = problems('database_url: postgres://tollgate:hunter2hunter2@db/tollgate\n')
    expect(told).toEqual([expect.stringMatching(/^gateway\.yaml:1 database_url: This URL holds a password: put the URL into a file/)])
    expect(told.join()).not.toContain('hunter2')
    expect(settingsOf('database_url: postgres://tollgate@db/tollgate\n').databaseUrl?.reveal()).toBe('postgres://tollgate@db/tollgate')
  })

  it('come from files named from the folder, and from the environment before them', () => {
    const folder = folderWith({
      'gateway.yaml': 'master_keys_file: master\nplatform_keys: { OPENAI_API_KEY: openai, GROQ_API_KEY: groq }\n',
    })
    for (const name of ['master', 'openai', 'groq']) writeFileSync(join(folder, name), `from the file ${name}\n`)
    const { masterKeys, platformKey } = loadConfig({ folder, env: { GROQ_API_KEY: 'from the environment' } }).settings
    expect(masterKeys?.reveal()).toBe('from the file master')
    expect(platformKey(settingKey('OPENAI_API_KEY'))?.reveal()).toBe('from the file openai')
    expect(platformKey(settingKey('GROQ_API_KEY'))?.reveal()).toBe('from the environment')
    expect(platformKey(settingKey('MISTRAL_API_KEY'))).toBeUndefined()
  })

  it('that are missing are told with the line that names them', () => {
    const folder = folderWith({ 'gateway.yaml': 'secrets:\n  openers:\n    - { type: fernet, key_file: lost }\n' })
    const missing = join(folder, 'lost')
    expect(problemsOf(() => loadConfig({ folder, env: { TOLLGATE_MASTER_KEYS_FILE: '/nowhere/keys' } }))).toEqual([
      'environment TOLLGATE_MASTER_KEYS_FILE: /nowhere/keys cannot be read (ENOENT): create it, readable for this user, or leave this key out.',
      `gateway.yaml:3 secrets.openers[0].key_file: ${missing} cannot be read (ENOENT): create it, readable for this user, or leave this key out.`,
    ])
  })

  it.each([
    ['k'.repeat(31), 'shorter than 32 characters'],
    ['changeme'.repeat(4), 'a well-known one'],
    ['0123456789abcdef0123456789abcdef', 'a well-known one'],
  ])('the admin key %s is refused', (key, words) => {
    expect(problems('', { TOLLGATE_ADMIN_KEY: key })).toEqual([expect.stringContaining(words)])
  })

  it('any admin key of 32 characters will do', () => {
    expect(settingsOf('', { TOLLGATE_ADMIN_KEY: ' any secret of thirty-two letters ' }).adminKey?.reveal()).toBe(
      'any secret of thirty-two letters',
    )
  })

  it('do not show where settings are printed', () => {
    const env = { DATABASE_URL: 'postgres://u:canary-1@db/x', TOLLGATE_MASTER_KEYS: 'k1:canary-2', OPENAI_API_KEY: 'canary-3' }
    expect(JSON.stringify(settingsOf('', env))).not.toContain('canary')
  })
})

describe('the address of a provider', () => {
  const found = (env: Record<string, string>, yaml = '') => baseUrlOf(providerId('z.ai'), settingsOf(yaml, env), env)

  it('is the registry’s where nobody says otherwise', () => {
    expect(found({ Z_AI_BASE_URL: '' })).toBeUndefined()
  })

  it('is ours to name before the name that clients use, which is warned of, before gateway.yaml', () => {
    const yaml = 'base_urls: { z.ai: https://three.example/v1 }'
    const common = { Z_AI_BASE_URL: 'https://two.example/v1/' }
    expect(found({ TOLLGATE_Z_AI_BASE_URL: 'http://127.0.0.1:9/v1', ...common }, yaml)).toEqual({ url: 'http://127.0.0.1:9/v1' })
    expect(found(common, yaml)).toEqual({
      url: 'https://two.example/v1',
      warning: expect.stringContaining('name it TOLLGATE_Z_AI_BASE_URL instead'),
    })
    expect(found({}, yaml)).toEqual({ url: 'https://three.example/v1' })
  })

  it.each([
    ['http://127.0.0.1:4000/v1', {}],
    ['http://localhost:4000/v1', { TOLLGATE_HOST: '0.0.0.0' }],
    ['http://[::1]:4000', {}],
    ['http://10.0.0.5:4000/v1', { TOLLGATE_HOST: '10.0.0.5' }],
    ['https://127.0.0.1/v1', { PORT: '443' }],
    ['http://127.0.0.1:9090/v1', { ADMIN_ADDR: '127.0.0.1:9090' }],
  ])('%s is refused: it is our own', (url, env) => {
    expect(problemsOf(() => found({ ...env, TOLLGATE_Z_AI_BASE_URL: url }))).toEqual([
      "environment TOLLGATE_Z_AI_BASE_URL: This address is the gateway's own, so requests would go in a circle: give the provider's, or unset it.",
    ])
  })

  it.each(['not a url', 'ftp://a.example', 'https://u:p@a.example', 'https://a.example?x=1'])('%s is refused', (url) => {
    expect(problemsOf(() => found({ TOLLGATE_Z_AI_BASE_URL: url }))).toEqual([expect.stringContaining('Give an http or https URL')])
  })
})
