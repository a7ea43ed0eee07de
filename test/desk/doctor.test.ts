import { chmodSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { tenantId } from '../../src/contract/ids.ts'
import type { AttemptRow } from '../../src/contract/ledger.ts'
import { doctor, type Finding, type Installation } from '../../src/desk/doctor.ts'
import { installationOf } from '../../src/main/desk.ts'
import { ended, reserved, someStart, someTenant } from '../support/stores.ts'
import { openTestWorld, type TestWorld } from '../support/world.ts'

// An installation as people leave it: rows by hand, plans renamed, files copied about.

const open: TestWorld[] = []
afterEach(async () => {
  for (const one of open.splice(0)) await one.close()
})

async function installation(input?: Parameters<typeof openTestWorld>[0]): Promise<TestWorld> {
  const made = await openTestWorld(input)
  open.push(made)
  return made
}

const KEY = 'sk-plain-0123456789abcd'

async function found({ world }: TestWorld, code?: string): Promise<Finding[]> {
  const findings = await doctor(await installationOf(world))
  return code === undefined ? findings : findings.filter((finding) => finding.code === code)
}

const brief = (findings: readonly Finding[]) => findings.map(({ level, subject, sentence }) => `${level} ${subject}: ${sentence}`)

/** What it is like where all is well but for what the test changes. */
async function examined(made: TestWorld, host: Partial<Installation['host']>): Promise<Finding[]> {
  const whole = await installationOf(made.world)
  return doctor({ ...whole, host: { ...whole.host, ...host } })
}

describe('a fresh installation', () => {
  it('has no error and no warning', async () => {
    const findings = await found(await installation())
    expect(findings.filter(({ level }) => level !== 'info')).toEqual([])
    expect(findings.map(({ code }) => code)).toEqual(['plan_reaches_nothing', 'plan_reaches_nothing', 'plaintext_accepted'])
  })
})

describe('tenants', () => {
  it('on a plan nobody defines are one error however many they are, errors first', async () => {
    const made = await installation()
    for (const slug of ['a', 'b']) await made.tenant(slug, { plan: 'platinum' })
    const [first] = await found(made)
    expect(first).toMatchObject({ level: 'error', code: 'plan_unknown', subject: 'platinum' })
    expect(first?.sentence).toBe('2 tenants (a, b) are on plan "platinum", which no file defines: all requests are refused.')
    expect(first?.fix).toContain('trial, free, solo, team, pro, enterprise')
  })

  it('in a status nobody knows are refused; suspended and empty ones are as meant', async () => {
    const made = await installation()
    await made.tenant('odd', { status: 'paused' })
    await made.tenant('meant', { status: 'suspended' })
    await made.tenant('by-hand', { status: '' })
    expect(brief(await found(made, 'status_unknown'))).toEqual([
      'error paused: Tenant odd is in status "paused", which means nothing here: all requests are refused.',
    ])
  })

  it('that share a name are told of, for a request that bears it may be taken for either', async () => {
    const made = await installation()
    await made.tenant('a')
    await made.tenant('b')
    made.world.directory.apply({ tenants: [{ id: tenantId('c'), tenant: someTenant('a', { id: tenantId('c') }), settings: [] }], keys: [] })
    expect(brief(await found(made, 'tenant_name_shared'))).toEqual([
      expect.stringMatching(
        /^error a: The name a leads to several tenants \(by id: \S+, c\): requests that name it are taken for one of them\.$/,
      ),
    ])
  })

  it('on a former name of a plan are told of and served', async () => {
    const plans = 'plans:\n  crew:\n    extends: team\n    was: [squad]\n'
    const made = await installation({ files: { 'plans.yaml': shippedPlansWith(plans) } })
    await made.tenant('a', { plan: 'squad' })
    expect(brief(await found(made, 'plan_legacy'))).toEqual(['info squad: Tenant a is on plan "squad", a former name of crew.'])
  })
})

describe('rows', () => {
  it("that are legacy, plain, shadowed, unreadable, alike but for case, or nobody's, are each told once", async () => {
    const made = await installation()
    for (const slug of ['a', 'b']) await made.tenant(slug)
    for (const slug of ['a', 'b']) await made.setting(slug, 'MINIMAX_2_7_API_KEY', KEY)
    await made.setting('a', 'MISTRAL_API_KEY', 'gAAAAABlegacy-fernet-token')
    await made.setting('a', 'GOOGLE_API_KEY', KEY)
    await made.setting('a', 'GEMINI_API_KEY', KEY)
    await made.setting('b', 'groq_api_key', KEY)
    await made.setting('b', 'GROQ_API_KEY', KEY)
    await made.setting('b', 'THEME', KEY)
    const rows = (await found(made)).filter(({ code }) => code.startsWith('row_') || code.startsWith('credential_'))
    expect(brief(rows).map((line) => line.replace(/: the value looks.*/, '…'))).toEqual([
      'error MISTRAL_API_KEY: Tenant a: the row MISTRAL_API_KEY cannot be read, and is never sent as if it were the key…',
      'warn MINIMAX_2_7_API_KEY: 2 tenants (a, b): the key of MiniMax lies under a former name, MINIMAX_2_7_API_KEY, and is found there.',
      'warn GOOGLE_API_KEY: Tenant a: the key in GOOGLE_API_KEY lies in the database as plain text.',
      'warn GEMINI_API_KEY: Tenant a: the key in GEMINI_API_KEY lies in the database as plain text.',
      'warn MINIMAX_2_7_API_KEY: 2 tenants (a, b): the key in MINIMAX_2_7_API_KEY lies in the database as plain text.',
      'warn GEMINI_API_KEY: Tenant a: the row GEMINI_API_KEY is never used, for GOOGLE_API_KEY comes first.',
      'warn GROQ_API_KEY: Tenant b: the key in GROQ_API_KEY lies in the database as plain text.',
      'warn GROQ_API_KEY: Tenant b: several rows are called GROQ_API_KEY but for case; GROQ_API_KEY counts.',
      'info THEME: Tenant b: no provider looks at the row THEME.',
    ])
    expect(JSON.stringify(rows)).not.toContain('0123456789')
  })

  it('for a provider without an address are of no use', async () => {
    const made = await installation({ files: { 'providers.yaml': 'providers:\n  - { id: inhouse, dialect: openai-chat }\n' } })
    await made.tenant('a')
    await made.setting('a', 'INHOUSE_API_KEY', KEY)
    expect(brief(await found(made, 'provider_without_address'))).toEqual([
      'warn INHOUSE_API_KEY: Tenant a: a key for inhouse is stored, and inhouse has no address.',
    ])
  })
})

describe('plans', () => {
  it('whose words match nothing say so with their line: who is let in, who is not kept out', async () => {
    const plans = 'plans:\n  crew:\n    extends: team\n    models: [economy, "nobody/*", "!openia/*"]\n    providers: ["*", "!opnai"]\n'
    const made = await installation({ files: { 'plans.yaml': shippedPlansWith(plans) } })
    const words = brief((await found(made)).filter(({ code }) => code.startsWith('plan_names')))
    expect(words.map((line) => line.replace(/plans\.yaml:\d+/, 'plans.yaml:n'))).toEqual([
      'warn nobody/*: "nobody/*" in plan crew matches no listed model or tier, so it lets nothing in (plans.yaml:n crew.models).',
      'warn !openia/*: "!openia/*" in plan crew matches no listed model or tier, so it keeps nothing out (plans.yaml:n crew.models).',
      'warn !opnai: "!opnai" in plan crew matches no provider, so it keeps nothing out (plans.yaml:n crew.providers).',
    ])
  })

  it('that reach no model are an error once a tenant is on one', async () => {
    const plans = 'plans:\n  crew:\n    extends: free\n    providers: [openai]\n    models: ["mistral/*"]\n'
    const made = await installation({ files: { 'plans.yaml': shippedPlansWith(plans) } })
    const of = async () => (await found(made, 'plan_reaches_nothing')).filter(({ subject }) => subject === 'crew').map(({ level }) => level)
    expect(await of()).toEqual(['warn'])
    await made.tenant('a', { plan: 'crew' })
    expect(await of()).toEqual(['error'])
  })

  it('whose tenants share an account at a provider say with which, where there is a key to share', async () => {
    const plans = 'plans:\n  crew:\n    extends: team\n    passthrough: any_keys\n    providers: [openai, mistral]\n'
    const files = { 'plans.yaml': shippedPlansWith(plans) }
    expect(await found(await installation({ files }), 'plan_shares_accounts')).toEqual([])
    const made = await installation({ files, env: { OPENAI_API_KEY: 'sk-platform-0123456789ab' } })
    const [shared, ...others] = await found(made, 'plan_shares_accounts')
    expect(others).toEqual([])
    expect(shared).toMatchObject({
      level: 'warn',
      subject: 'crew',
      sentence: expect.stringContaining('opens openai to all of its tenants'),
    })
  })

  it('reach models once a platform key is there', async () => {
    const made = await installation({ env: { OPENAI_API_KEY: 'sk-platform-0123456789ab' } })
    expect(await found(made, 'plan_reaches_nothing')).toEqual([])
  })
})

describe('the catalogue', () => {
  it('tells of names that lead nowhere', async () => {
    const models = 'aliases:\n  fast: nobody-knows-this\n'
    const made = await installation({ files: { 'models.yaml': models } })
    expect(brief(await found(made, 'name_leads_nowhere'))).toEqual(['warn fast: The name fast of models.yaml leads to no model.'])
  })

  it('tells of models that end, only where the platform pays for them', async () => {
    expect(await found(await installation(), 'model_ending')).toEqual([])
    const paid = await installation({ env: { MINIMAX_API_KEY: 'mm-platform-0123456789ab' } })
    const ending = await found(paid, 'model_ending')
    expect(ending.map(({ subject }) => subject)).toEqual(['minimax'])
    expect(ending[0]?.sentence).toContain('minimax/MiniMax-M2')
  })
})

describe('where it runs', () => {
  it('names files that others can read', async () => {
    const made = await installation()
    chmodSync(join(made.dataFolder, 'master.key'), 0o644)
    const [finding, ...others] = await found(made, 'file_readable_by_others')
    expect(others).toEqual([])
    expect(finding).toMatchObject({ level: 'error', fix: `chmod 600 ${join(made.dataFolder, 'master.key')}` })
    expect(finding?.sentence).toContain('mode 0644')
  })

  it('knows where the first admin key still lies', async () => {
    const made = await installation()
    writeFileSync(join(made.dataFolder, 'first-run.txt'), 'sk-tg-a…', { mode: 0o600 })
    expect((await found(made, 'admin_key_on_disk')).map(({ level, subject }) => [level, subject])).toEqual([
      ['info', join(made.dataFolder, 'first-run.txt')],
    ])
  })

  it('names a platform key of several parts of which one is missing, once for its group', async () => {
    const made = await installation({ env: { AZURE_API_KEY: KEY, GOOGLE_CLOUD_PROJECT: 'alone-it-is-no-key' } })
    expect(brief(await found(made, 'platform_key_unreadable'))).toEqual([
      "warn AZURE_API_KEY: The platform's key for Azure OpenAI in AZURE_API_KEY is not used: it lacks `resource`, a name of letters, digits and dashes; set AZURE_RESOURCE_NAME.",
    ])
    expect(JSON.stringify(await found(made))).not.toContain(KEY)
  })

  it('names platform keys that differ under two names, and no key', async () => {
    const made = await installation({ env: { GOOGLE_API_KEY: 'AIza-first-0123456789', GEMINI_API_KEY: 'AIza-second-0123456789' } })
    const [finding] = await found(made, 'platform_keys_differ')
    expect(finding?.sentence).toBe('GOOGLE_API_KEY and GEMINI_API_KEY hold different keys; GOOGLE_API_KEY is used.')
  })

  it.each([
    ['store_not_durable', { store: { engine: 'sqlite', synchronous: 'NORMAL', rowSecurity: undefined, readOnly: {} } }],
    ['row_security_off', { store: { engine: 'postgres', synchronous: 'on', rowSecurity: false, readOnly: {} } }],
    ['node_too_old', { node: '22.18.0' }],
    ['admin_exposed', { listens: { host: '0.0.0.0', admin: undefined } }],
    ['admin_exposed', { listens: { host: '127.0.0.1', admin: '203.0.113.7' } }],
  ] as const)('tells of %s', async (code, host) => {
    const codes = (await examined(await installation(), host)).map((finding) => finding.code)
    expect(codes).toContain(code)
  })

  it.each([
    ['store_not_durable', { store: { engine: 'postgres', synchronous: 'on', rowSecurity: true, readOnly: {} } }],
    ['row_security_off', { store: { engine: 'postgres', synchronous: 'on', rowSecurity: true, readOnly: {} } }],
    ['row_security_off', { store: { engine: 'sqlite', synchronous: 'FULL', rowSecurity: undefined, readOnly: {} } }],
    ['node_too_old', { node: '22.19.0' }],
    ['admin_exposed', { listens: { host: '0.0.0.0', admin: '127.0.0.1' } }],
    ['admin_exposed', { listens: { host: '10.1.2.3', admin: undefined } }],
    ['plaintext_accepted', { plaintextRows: 'refuse' }],
  ] as const)('is silent of %s where all is well', async (code, host) => {
    const codes = (await examined(await installation(), host)).map((finding) => finding.code)
    expect(codes).not.toContain(code)
  })
})

describe('destinations of ledger_export', () => {
  it('that take nothing are a warning, and once they are parked an error; one that is named no more is nobody’s concern', async () => {
    const made = await installation({
      files: { 'gateway.yaml': 'ledger_export: [{ name: lake, folder: out }, { name: late, folder: out2 }]\n' },
    })
    const { exports } = made.world.store
    const failing = { failures: 3, failingSince: Date.UTC(2026, 7, 1), error: 'ENOSPC: no space left on device' }
    for (const [name, parkedAt] of [
      ['lake', Date.UTC(2026, 7, 2)],
      ['late', undefined],
      ['gone', Date.UTC(2026, 7, 2)],
    ] as const) {
      const fresh = await exports.cursor(name)
      await exports.move(fresh, { ...fresh, ...failing, parkedAt })
    }
    const what = (name: string) =>
      `The destination ${name} of ledger_export has taken nothing since 2026-08-01T00:00:00.000Z (ENOSPC: no space left on device); 0 rows wait.`
    expect(brief([...(await found(made, 'export_parked')), ...(await found(made, 'export_failing'))])).toEqual([
      `error lake: ${what('lake')} Nothing more is sent.`,
      `warn late: ${what('late')}`,
    ])
  })
})

/** The shipped plans with some more. */
function shippedPlansWith(more: string): string {
  const shipped = readFileSync(join(import.meta.dirname, '../../config/plans.yaml'), 'utf8')
  return shipped.trimEnd() + more.replace(/^plans:/, '')
}

describe('models in use', () => {
  it('whose price was unknown, or whose vendor ends them, are told with who uses them', async () => {
    const made = await installation()
    for (const slug of ['acme', 'brennan']) await made.tenant(slug)
    const used = (slug: string, name: string, over: Partial<AttemptRow> = {}) => {
      const [provider = '', wireModel = ''] = name.split('/')
      const start = { ...someStart(`${slug}-${name}`), tenant: tenantId(`id-${slug}`), provider, wireModel, at: Date.now() - 60_000 }
      return [reserved(start), ended(start, over)]
    }
    const rows = [
      used('acme', 'openai/gpt-4o-mini'),
      used('brennan', 'openai/gpt-4o-mini'),
      used('brennan', 'openai/gpt-6-luna'),
      used('acme', 'openai/o1-pro'),
      used('acme', 'groq/something-new', { cost: null, charge: null, lines: [] }),
    ]
    for (const index of [0, 1]) await made.world.store.ledger.write(rows.map((pair) => pair[index]!))
    expect(brief(await found(made, 'model_ending_in_use'))).toEqual([
      'warn openai/o1-pro: openai/o1-pro is in use by tenant acme, and its vendor has ended it on 2026-10-23.',
      'info openai/gpt-4o-mini: openai/gpt-4o-mini is in use by 2 tenants (acme, brennan), and its vendor ends it on 2027-01-14.',
    ])
    expect(brief(await found(made, 'model_unpriced_in_use'))).toEqual([
      'warn groq/something-new: One call of groq/something-new by tenant acme came at an unknown cost, in no budget and no report.',
    ])
  })
})

describe('routes', () => {
  it('that no request can come through are told with the place', async () => {
    const routes = `routes:
  gone: [openai/gpt-5-mini, { model: groq/llama-3.3-70b-versatile, when: { plans: [platinum] } }]
  lost: { candidates: [{ model: openai/gpt-5-mini, when: { tenants: [nobody] } }] }
  well: [{ model: openai/gpt-5-mini, when: { plans: [team], tenants: [acme] } }]
`
    const made = await installation({ files: { 'models.yaml': routes } })
    await made.tenant('acme')
    expect(brief(await found(made, 'route_never_matches'))).toEqual([
      'warn gone: A candidate of route gone is never asked: no plan is called platinum (models.yaml:2 routes.gone[1]).',
      'warn lost: No request can come through route lost: no tenant is called nobody (models.yaml:3 routes.lost.candidates[0]).',
    ])
  })
})

describe('keys that never pay', () => {
  it("are the platform's where no plan spends them", async () => {
    const env = { OPENAI_API_KEY: 'sk-platform-0123456789ab', OLLAMA_API_KEY: 'any-platform-0123456789ab' }
    expect(await found(await installation({ env }), 'key_never_wins')).toEqual([])
    const never = readFileSync(join(import.meta.dirname, '../../config/plans.yaml'), 'utf8').replaceAll('on_missing', 'never')
    const told = await found(await installation({ env, files: { 'plans.yaml': never } }), 'key_never_wins')
    expect(told.map(({ subject }) => subject)).toContain('OPENAI_API_KEY')
  })

  it("are a tenant's where its plan takes none", async () => {
    const made = await installation()
    for (const slug of ['a', 'b']) {
      await made.tenant(slug, { plan: 'free' })
      await made.setting(slug, 'OPENAI_API_KEY', KEY)
    }
    const [finding, ...more] = await found(made, 'key_never_wins')
    expect(more).toEqual([])
    expect(finding?.sentence).toMatch(
      /^Keys for OpenAI are stored and never used, since plan free takes none of them \(plans\.yaml:\d+ .*\): 2 tenants \(a, b\)\.$/,
    )
  })
})

describe('a plan that reaches no offer that is well', () => {
  it('is an error that counts what is in the way, and none as soon as one is well', async () => {
    const made = await installation({ env: { OPENAI_API_KEY: 'sk-platform-0123456789ab' } })
    await made.tenant('acme', { plan: 'free' })
    expect(await found(made, 'plan_unreachable_now')).toEqual([])
    const whole = await installationOf(made.world)
    const snapshot = { ...whole.snapshot, trouble: () => ({ code: 'provider_disabled', reason: 'an incident' }) as const }
    const [finding] = (await doctor({ ...whole, snapshot })).filter(({ code }) => code === 'plan_unreachable_now')
    expect(finding).toMatchObject({ level: 'error', subject: 'free' })
    expect(finding?.sentence).toMatch(
      /^No offer that is well is left for plan free, which tenant acme is on\. Of \d+ offers: .*\d+ switched off/,
    )
  })
})
