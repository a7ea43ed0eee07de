import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type CommandLine, commandLine } from '../support/command-line.ts'

// The real command line over a data folder, with no server running.

let cli: CommandLine
beforeAll(async () => {
  cli = commandLine()
  await cli.run(['tenants', 'create', 'brennan', '--plan', 'team', '--id', 'cus_brennan'])
})
afterAll(() => cli.remove())

const CANARY = 'mm-canary-of-brennan-7391'
const OTHER = 'sk-canary-of-brennan-5520'

describe('the incident, at the desk', () => {
  it('is told by one command, looked at without a change, and put right', async () => {
    cli.sql("INSERT INTO tenant_settings (tenant_id, setting_key, setting_value) VALUES ('cus_brennan', 'MINIMAX_2_7_API_KEY', ?)", CANARY)

    const explained = await cli.run(['explain', '--tenant', 'brennan', '--model', 'minimax/MiniMax-M2.7'])
    expect(explained.code).toBe(0)
    expect(explained.out).toContain('its own key (MINIMAX_2_7_API_KEY, tenant:legacy) pays.')
    expect(explained.out).toMatch(/^MINIMAX_API_KEY +canonical +no/m)
    expect(explained.out).toMatch(/^MINIMAX_2_7_API_KEY +legacy +yes/m)

    const doctor = (await cli.run(['doctor', '--json'])).json()
    const mine = doctor.data.filter(({ subject }: { subject: string }) => subject === 'MINIMAX_2_7_API_KEY')
    expect(mine.map(({ level, code }: { level: string; code: string }) => `${level} ${code}`)).toEqual([
      'warn row_legacy',
      'warn row_unsealed',
    ])

    const dry = await cli.run(['provider-keys', 'migrate', '--dry-run'])
    expect(dry.out).toBe('brennan: MINIMAX_2_7_API_KEY would move to MINIMAX_API_KEY.\n')
    expect(cli.sql('SELECT setting_key, setting_value FROM tenant_settings')).toEqual([
      { setting_key: 'MINIMAX_2_7_API_KEY', setting_value: CANARY },
    ])

    expect((await cli.run(['provider-keys', 'migrate', 'brennan', '--json'])).json()).toEqual({
      moves: [{ from: 'MINIMAX_2_7_API_KEY', to: 'MINIMAX_API_KEY' }],
      kept: [],
      dry_run: false,
    })
    expect((await cli.run(['provider-keys', 'seal'])).out).toBe('brennan: sealed MINIMAX_API_KEY.\n')
    const [row] = (await cli.run(['provider-keys', 'list', 'brennan', '--json'])).json().data
    expect(row).toMatchObject({ provider: 'minimax', via: 'canonical', form: 'sealed', last4: '7391', status: 'usable' })

    const audit = cli.sql("SELECT actor, action FROM audit WHERE action IN ('provider_key.migrate', 'provider_key.seal')")
    expect(audit).toEqual([
      { actor: expect.stringMatching(/^cli/), action: 'provider_key.migrate' },
      { actor: expect.stringMatching(/^cli/), action: 'provider_key.seal' },
    ])
  })

  it('explains a refusal with what to do', async () => {
    const { code, out } = await cli.run(['explain', '--tenant', 'brennan', '--model', 'mistral/mistral-large-latest', '--tools'])
    expect(code).toBe(0)
    expect(out).toMatch(/^refused, 403 credential_missing {2}Plan team lets brennan use/)
    expect(out).toMatch(/^fix +tollgate provider-keys set brennan mistral$/m)
    expect(out).toMatch(/^rule +plans\.yaml:\d+ team\.byok/m)
  })
})

describe('secrets', () => {
  it('go in by standard input and come out nowhere', async () => {
    const stored = await cli.run(['provider-keys', 'set', 'brennan', 'openai'], { input: `${OTHER}\n` })
    expect(stored).toMatchObject({ code: 0, out: 'The key for openai (…5520) is sealed in OPENAI_API_KEY.\n' })
    const removed = await cli.run(['provider-keys', 'remove', 'brennan', 'openai'])
    expect(removed.out).toBe('Removed OPENAI_API_KEY.\n')

    const refused = await cli.run(['provider-keys', 'set', 'brennan', 'openai'], { input: `${OTHER} and-more\n` })
    expect(refused.code).toBe(1)
    expect(refused.err).toContain('space')
    const none = await cli.run(['provider-keys', 'set', 'brennan', 'openai'], { input: '\n' })
    expect(none).toMatchObject({ code: 2, err: expect.stringContaining('standard input') })
    expect(cli.said.join('\n')).not.toContain(OTHER)
    expect(cli.said.join('\n')).not.toContain(CANARY)
    expect(JSON.stringify(cli.sql('SELECT * FROM audit'))).not.toMatch(/canary/)
  })

  it('of a gateway are shown once, on the first line, and known again by identify', async () => {
    const made = await cli.run(['keys', 'create', '--tenant', 'brennan', '--name', 'app'])
    const [key = ''] = made.out.split('\n')
    expect(key).toMatch(/^sk-tg-t[0-9A-Za-z]{59}$/)

    const known = (await cli.run(['keys', 'identify', '--json'], { input: `${key}\n` })).json()
    expect(known).toMatchObject({ kind: 'tenant', tenant: 'brennan', name: 'app', status: 'active' })
    const rotated = await cli.run(['keys', 'rotate', known.id, '--overlap', '1h'])
    expect(rotated.out).toContain(`Key ${known.id} is good for 1h more.`)
    expect((await cli.run(['keys', 'revoke', known.id])).out).toContain(`Key ${known.id} is revoked since`)
    expect((await cli.run(['keys', 'list', '--tenant', 'brennan'])).out).not.toContain(key)
    const unknown = await cli.run(['keys', 'identify'], { input: 'sk-tg-nobody\n' })
    expect(unknown).toMatchObject({ code: 1, out: '' })
  })
})

describe('the configuration', () => {
  it('is checked whole, with file and line', async () => {
    expect(await cli.run(['config', 'check'])).toMatchObject({ code: 0, out: expect.stringContaining('The configuration is right') })
    const broken = commandLine({ 'plans.yaml': 'plans:\n  team:\n    modles: [economy]\n' })
    const checked = await broken.run(['config', 'check'])
    broken.remove()
    expect(checked.code).toBe(1)
    expect(checked.err).toMatch(/^plans\.yaml:3 plans\.team\.modles: .*did you mean/m)
    expect(checked.err).not.toMatch(/^ +at /m)

    const circle = commandLine({ 'models.yaml': 'aliases: { a: b, b: a }\n' })
    const apart = await circle.run(['config', 'check'])
    circle.remove()
    expect(apart).toMatchObject({ code: 1, err: expect.stringMatching(/leads back to itself/) })
    expect(apart.err).not.toMatch(/^ +at /m)
  })

  it('is compared with one to come, and what the server would refuse is wrong', async () => {
    const plans = readFileSync(join(cli.configFolder, 'plans.yaml'), 'utf8')
    const next = commandLine({ 'plans.yaml': plans.replace('rpm: 300', 'rpm: 400') })
    expect((await cli.run(['config', 'diff'])).out).toBe('There is no difference.\n')
    expect((await next.run(['config', 'diff'])).out).toBe('plan team: limits.rpm 300 -> 400\n')
    const changed = await cli.run(['config', 'diff', next.configFolder])
    expect(changed).toMatchObject({ code: 0, out: expect.stringContaining('plan team: limits.rpm 300 -> 400') })

    writeFileSync(join(next.configFolder, 'plans.yaml'), plans.replaceAll(/\bteam\b/g, 'crew'))
    const lost = await cli.run(['config', 'diff', next.configFolder])
    next.remove()
    expect(lost).toMatchObject({ code: 1, out: expect.stringContaining('1 tenant is on plan team, which would be gone') })
  })
})

describe('the database', () => {
  it('tells of itself, is copied to a file for this user alone, and never over another', async () => {
    expect((await cli.run(['db', 'status', '--json'])).json()).toMatchObject({ engine: 'sqlite', synchronous: 'FULL', tenants: 1 })
    const file = join(cli.folder, 'backup.db')
    expect((await cli.run(['db', 'backup', file])).code).toBe(0)
    expect((statSync(file).mode & 0o777).toString(8)).toBe('600')
    expect(await cli.run(['db', 'backup', file])).toMatchObject({ code: 1, err: expect.stringContaining('already') })
  })

  it('is not made by a question about it', async () => {
    const empty = commandLine()
    for (const words of [
      ['db', 'status'],
      ['master-keys', 'rotate'],
      ['ledger', 'verify'],
    ]) {
      expect(await empty.run(words)).toMatchObject({ code: 1, err: expect.stringContaining('There is no database') })
    }
    expect(await empty.run(['config', 'diff', cli.configFolder])).toMatchObject({ code: 0 })
    expect(readdirSync(empty.folder)).toEqual(['config'])
    empty.remove()
  })

  it('keeps books that add up, or says what does not', async () => {
    expect(await cli.run(['ledger', 'verify'])).toMatchObject({ code: 0, out: 'The books add up: 0 attempts.\n' })
    cli.sql(
      "INSERT INTO sums (hour, tenant_id, provider, wire_model, source, requests, input, output, cost, charge, unpriced) VALUES (100, 'cus_brennan', 'openai', 'm', 'platform', 1, 0, 0, 5, 5, 0)",
    )
    const wrong = await cli.run(['ledger', 'verify'])
    cli.sql('DELETE FROM sums')
    expect(wrong.code).toBe(1)
    expect(wrong.out).toContain('says 1 attempts, cost 0.000000005, charge 0.000000005, 0 unpriced, and its rows say nothing.')
  })
})

describe('master keys', () => {
  it('are exchanged without a row changing, and what was sealed opens as before', async () => {
    const before = cli.sql('SELECT * FROM tenant_settings')
    const rotated = (await cli.run(['master-keys', 'rotate', '--json'])).json()
    expect(rotated).toMatchObject({ current: 'k2', left: [] })
    expect(rotated.keys).toContainEqual({ id: 'k1', given: true, rows: 0, data_keys: 0 })
    expect(cli.sql('SELECT * FROM tenant_settings')).toEqual(before)
    const [row] = (await cli.run(['provider-keys', 'list', 'brennan', '--json'])).json().data
    expect(row).toMatchObject({ status: 'usable', last4: '7391' })
    expect((statSync(join(cli.dataFolder, 'master.key')).mode & 0o777).toString(8)).toBe('600')
    expect((await cli.run(['master-keys', 'status'])).out).toMatch(/^k2 +seals/m)
  })
})

describe('tenants', () => {
  it('are made, changed and deleted, and refused in words', async () => {
    expect(await cli.run(['tenants', 'create', 'acme', '--plan', 'nonsense'])).toMatchObject({
      code: 1,
      err: expect.stringContaining('trial, free, solo, team, pro, enterprise'),
    })
    await cli.run(['tenants', 'create', 'acme', '--plan', 'free', '--name', 'Acme Ltd'])
    expect((await cli.run(['tenants', 'set-plan', 'acme', 'pro'])).out).toBe('Tenant acme is on plan pro from now on.\n')
    expect((await cli.run(['tenants', 'suspend', 'acme'])).code).toBe(0)
    expect((await cli.run(['tenants', 'show', 'acme', '--json'])).json()).toMatchObject({
      plan: 'pro',
      status: 'suspended',
      name: 'Acme Ltd',
    })
    expect((await cli.run(['tenants', 'list'])).out).toMatch(/^acme +Acme Ltd +pro +suspended/m)
    expect((await cli.run(['tenants', 'delete', 'acme', '--erase'])).code).toBe(0)
    expect(await cli.run(['tenants', 'show', 'acme'])).toMatchObject({ code: 1, out: '' })
  })
})

describe('what was asked', () => {
  it('is judged again by simulate, which exits 1 on a loss and 0 otherwise', async () => {
    const shape = JSON.stringify({ endpoint: 'chat', model: 'demo/echo', stream: false, needs: [], size: 0 })
    const today = String(Math.floor(Date.now() / 86_400_000))
    cli.sql("INSERT INTO asks VALUES ('cus_brennan', ?, ?, 3, 0, 3, 30, 30, 0, 0, 0, 0, 0) RETURNING 1", ...[today, shape])
    const kept = await cli.run(['simulate', '--since', '7d'])
    expect(kept.code).toBe(0)
    expect(kept.out).toContain('None of 3 calls would be lost.')
    const lost = await cli.run(['simulate', '--since', '7d', '--without', 'demo', '--json'])
    expect(lost.code).toBe(1)
    expect(lost.json()).toMatchObject({
      ...{ calls: 3, lost: 3, before: { refused: 0, cost_usd: '0' }, after: { refused: 3 } },
      changes: [{ kind: 'lost', tenant: 'brennan', model: 'demo/echo', to: 'provider_disabled' }],
    })
    expect((await cli.run(['simulate', '--since', 'yesterday'])).code).toBe(2)
  })
})
