import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { check } from '../../src/config/check.ts'
import { gatewayFile } from '../../src/config/gateway.ts'
import { loadConfig } from '../../src/config/load.ts'
import { modelsFile } from '../../src/config/models.ts'
import { providersFile } from '../../src/config/providers.ts'
import { parseYaml } from '../../src/config/yaml.ts'
import { settingKey } from '../../src/contract/ids.ts'
import { emptyFolder, folderWith, problemsOf, shipped } from '../support/config-folders.ts'

describe('the shipped configuration', () => {
  const { plans, settings, files } = loadConfig({ folder: shipped, env: {} })

  it('has the six plans as they are promised', () => {
    const table = plans.map(({ id, models, byok, limits, budget, platform_keys }) => ({
      id,
      models: models.join(' '),
      own: byok.allowed && byok.models,
      limits: [limits.rpm, limits.tpm, limits.concurrency],
      budget: budget && `${budget.nano / 1e9} per ${budget.per}`,
      platform_keys,
    }))
    const platform_keys = 'on_missing'
    expect(table).toEqual([
      { id: 'trial', models: 'economy', own: false, limits: [20, 100_000, 2], budget: '1 per total', platform_keys },
      { id: 'free', models: 'economy', own: false, limits: [20, 100_000, 2], budget: '5 per month', platform_keys },
      { id: 'solo', models: 'economy standard', own: 'any', limits: [60, 400_000, 8], budget: '50 per month', platform_keys },
      { id: 'team', models: 'economy standard', own: 'any', limits: [300, 2_000_000, 32], budget: '500 per month', platform_keys },
      { id: 'pro', models: 'economy standard premium', own: 'any', limits: [600, 4_000_000, 64], budget: '1000 per month', platform_keys },
      { id: 'enterprise', models: '*', own: 'any', limits: [null, null, null], budget: null, platform_keys },
    ])
  })

  it('tells of each value where it was written, and of an inherited one from which plan', () => {
    const team = plans.find(({ id }) => id === 'team')!
    const lines = readFileSync(join(shipped, 'plans.yaml'), 'utf8').split('\n')
    const line = (rule: string): string | undefined => lines[Number(/^plans\.yaml:(\d+) /.exec(rule)?.[1]) - 1]?.trim()
    expect(team.writtenAt.limits).toMatch(/^plans\.yaml:\d+ team\.limits$/)
    expect(line(team.writtenAt.limits)).toBe('limits: { rpm: 300, tpm: 2000000, concurrency: 32 }')
    expect(team.writtenAt.models).toMatch(/^plans\.yaml:\d+ team\.models \(from solo\)$/)
    expect(line(team.writtenAt.models)).toBe('models: [economy, standard]')
  })

  it('runs on the defaults that are promised', () => {
    const { platformKey: _, platformFile: _file, configFolder: _config, dataFolder, ...plain } = settings
    expect(dataFolder).toBe(resolve('data'))
    expect(plain).toEqual({
      host: '127.0.0.1',
      port: 4000,
      adminAddr: undefined,
      databaseUrl: undefined,
      redisUrl: undefined,
      redis: { prefix: 'tollgate:', deadline: 20 },
      overload: { running: 5_000, delay: 1_000 },
      masterKeys: undefined,
      adminKey: undefined,
      trustedProxies: [],
      corsOrigins: [],
      plaintextRows: 'accept',
      openers: [],
      tenantEndpoints: [],
      events: [],
      ledgerExport: [],
      retention: { attempts: 400 * 86_400_000, hourlySums: 60 * 86_400_000 },
      deadlines: { connect: 5_000, firstByte: 120_000, firstByteUnstreamed: 600_000, progress: 60_000, total: 1_800_000 },
      sizes: {
        body: 33_554_432,
        jsonDepth: 64,
        jsonTokens: 200_000,
        headerBlock: 16_384,
        answerFrame: 8_388_608,
        keptAnswer: 1_048_576,
        cache: 67_108_864,
      },
      drainDelay: 0,
      drainTimeout: 60_000,
      demo: true,
      timezone: 'UTC',
      baseUrls: {},
    })
  })

  it.each([
    ['gateway.yaml', gatewayFile],
    ['models.yaml', modelsFile],
    ['providers.yaml', providersFile],
  ])('has examples in %s that hold once they are no comments', (name, schema) => {
    const [, ...examples] = readFileSync(join(shipped, name), 'utf8').split('\n\n')
    const file = parseYaml(name, examples.join('\n\n').replace(/^# ?/gm, ''))
    expect([...file.problems, ...check<unknown>(schema, file).problems]).toEqual([])
    expect(Object.keys(Object(file.value)).length).toBeGreaterThan(0)
  })

  it('names the files it was read from', () => {
    expect(files).toEqual(['gateway.yaml', 'plans.yaml', 'models.yaml', 'providers.yaml'].map((name) => join(shipped, name)))
  })
})

describe('loading', () => {
  it('says so where the folder has no plans.yaml', () => {
    const folder = emptyFolder()
    expect(problemsOf(() => loadConfig({ folder, env: {} }))).toEqual([
      `plans.yaml: There is no plans.yaml in ${folder}: copy config/plans.yaml of the release there, or let TOLLGATE_CONFIG name the folder that has one.`,
    ])
  })

  it('tells everything that is wrong in all files at once', () => {
    const folder = folderWith({
      'gateway.yaml': 'prot: 1\n',
      'models.yaml': 'alias: {}\n',
      'providers.yaml': 'providers:\n  - name: Acme\n',
      'plans.yaml': 'plans:\n  gold:\n    modles: [economy]\n  silver:\n    extends: glod\n',
    })
    expect(problemsOf(() => loadConfig({ folder, env: { PORT: 'http', DRAIN_DELAY: 'soon' } }))).toEqual([
      'gateway.yaml:1 prot: "prot" is no key here; did you mean "port"?',
      'environment PORT: Give a port from 0 to 65535; 0 lets the system choose.',
      'environment DRAIN_DELAY: Write a duration such as 500ms, 5s, 2m, 1h or 30d.',
      'plans.yaml:3 plans.gold.modles: "modles" is no key here; did you mean "models"?',
      'plans.yaml:5 plans.silver.extends: No plan is called "glod"; did you mean "gold"?',
      'models.yaml:1 alias: "alias" is no key here; did you mean "aliases"?',
      'providers.yaml:2 providers[0].id: Give text here.',
    ])
  })

  it('hashes what counts: not comments, not the order of keys, not secrets', () => {
    const hash = (files: Record<string, string>, env = {}): string => loadConfig({ folder: folderWith(files), env }).hash
    const plain = hash({})
    expect(plain).toMatch(/^[0-9a-f]{12}$/)
    expect(hash({ 'gateway.yaml': '# nothing but a comment\n' })).toBe(plain)
    expect(hash({ 'gateway.yaml': 'port: 4001\ndrain_timeout: 5s\n' })).toBe(
      hash({ 'gateway.yaml': 'drain_timeout: 5000ms\nport: 4001\n' }),
    )
    expect(hash({}, { TOLLGATE_ADMIN_KEY: 'a'.repeat(40) })).toBe(hash({}, { TOLLGATE_ADMIN_KEY: 'b'.repeat(40) }))
    expect(hash({ 'gateway.yaml': 'port: 4001\n' })).not.toBe(plain)
  })

  it('lets the environment win over gateway.yaml, and takes an empty variable as none', () => {
    const folder = folderWith({ 'gateway.yaml': 'host: 0.0.0.0\nport: 5000\ndemo: on\nadmin_addr: "[::1]:9090"\n' })
    const env = { TOLLGATE_HOST: ' ', PORT: '6000', TOLLGATE_DEMO: 'off', OPENAI_API_KEY: '', GROQ_API_KEY: 'gsk-0123456789abcdef0123' }
    const { settings } = loadConfig({ folder, env })
    expect(settings).toMatchObject({ host: '0.0.0.0', port: 6000, demo: false, adminAddr: { host: '::1', port: 9090 }, drainDelay: 5_000 })
    expect(settings.platformKey(settingKey('OPENAI_API_KEY'))).toBeUndefined()
    expect(settings.platformKey(settingKey('GROQ_API_KEY'))?.last4).toBe('0123')
  })
})
