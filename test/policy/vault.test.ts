import { randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { settingKey, tenantId } from '../../src/contract/ids.ts'
import { Secret } from '../../src/contract/secret.ts'
import type { AuditEntry, DirectoryChanges } from '../../src/contract/store.ts'
import type { SealedFor, Vault } from '../../src/contract/vault.ts'
import { newMasterKey, parseMasterKeys } from '../../src/policy/sealing/master-keys.ts'
import { createOpener } from '../../src/policy/sealing/openers.ts'
import { openVault, type VaultInput } from '../../src/policy/sealing/vault.ts'
import { tenantNamed } from '../support/callers.ts'
import { memoryVaultStore } from '../support/vault-store.ts'

const KEY = 'sk-of-a-provider-0123'
const [k1, k2] = [newMasterKey(randomBytes, 'k1'), newMasterKey(randomBytes, 'k2')]
const under = (...keys: Secret[]) => parseMasterKeys(new Secret(keys.map((key) => key.reveal()).join(',')))
const audit: AuditEntry = { at: '2026-06-01T00:00:00Z', actor: 'cli', action: 'test', tenant: undefined, object: 'vault', detail: {} }

const rowOf = (tenant: string, group = 'MINIMAX_API_KEY'): SealedFor => ({ tenant: tenantId(tenant), group: settingKey(group) })
const acme = rowOf('acme')

function vaultOver(store = memoryVaultStore(), more: Partial<VaultInput> = {}) {
  const settings = { plaintext: 'accept', openers: [] } as const
  return openVault({ store, master: under(k1), random: randomBytes, settings, ...more })
}

/** The key that a value opens to, or why it does not. */
function keyIn(vault: Vault, row: SealedFor, value: string): string {
  const opened = vault.open(row, value)
  return opened.state === 'open' ? `${opened.form} ${opened.key?.reveal()}` : opened.trouble
}

const changed = (row: SealedFor, value: string): DirectoryChanges => {
  const setting = { tenant: row.tenant, key: row.group, value, createdAt: '', updatedAt: '' }
  return { tenants: [{ id: row.tenant, tenant: tenantNamed('acme', { id: row.tenant }), settings: [setting] }], keys: [] }
}

describe('the vault', () => {
  it('seals a value and opens it again', async () => {
    const vault = await vaultOver()
    const value = await vault.seal(acme, KEY)
    expect(value).not.toContain(KEY)
    expect(keyIn(vault, acme, value)).toBe(`sealed ${KEY}`)
    expect(keyIn(vault, acme, ` ${value}\n`)).toBe(`sealed ${KEY}`)
  })

  it('opens a value that was copied from a legacy row to the canonical one, by another process too', async () => {
    const store = memoryVaultStore()
    const value = await (await vaultOver(store)).seal(acme, KEY)
    // Both rows are of one key group, and it is the group that a value is bound to.
    expect(keyIn(await vaultOver(store), rowOf('acme'), value)).toBe(`sealed ${KEY}`)
  })

  it('opens no value for another tenant, group or database', async () => {
    const vault = await vaultOver()
    const rows = ['a', 'b', 'c'].flatMap((tenant) => ['X_API_KEY', 'Y_API_KEY', 'Z_API_KEY'].map((group) => rowOf(tenant, group)))
    const sealed = await Promise.all(rows.map(async (row) => ({ row, value: await vault.seal(row, `${row.tenant}-${row.group}`) })))
    const opened = sealed.flatMap(({ value }) => rows.map((row) => keyIn(vault, row, value)).filter((text) => text.startsWith('sealed')))
    expect(opened.sort()).toEqual(rows.map((row) => `sealed ${row.tenant}-${row.group}`).sort())
    expect(keyIn(vault, rowOf('nobody'), sealed[0]!.value)).toMatch(/no data key/)
    expect(keyIn(vault, rowOf('a', 'NEW_API_KEY'), sealed[0]!.value)).toMatch(/another vendor/)
    expect(keyIn(await vaultOver(), sealed[0]!.row, sealed[0]!.value)).toMatch(/no data key/)
  })

  it('opens no value whose tenant or group was exchanged inside the vault’s own rows', async () => {
    const store = memoryVaultStore()
    const first = await vaultOver(store)
    const value = await first.seal(acme, KEY)
    await first.seal(rowOf('globex', 'OTHER_API_KEY'), KEY)
    const swap = (from: string, to: string) => {
      const [one, two] = [store.rows.get(from)!, store.rows.get(to)!]
      return memoryVaultStore(new Map([...store.rows, [from, { ...one, value: two.value }], [to, { ...two, value: one.value }]]))
    }
    const groups = await vaultOver(swap('group MINIMAX_API_KEY', 'group OTHER_API_KEY'))
    expect(keyIn(groups, rowOf('acme', 'OTHER_API_KEY'), value)).toMatch(/does not open it/)
    const dataKeys = await vaultOver(swap('data-key acme', 'data-key globex'))
    expect(keyIn(dataKeys, rowOf('globex'), value)).toMatch(/does not open it/)
  })

  it('never opens a cut or changed value, and never fails on one', async () => {
    const vault = await vaultOver()
    const value = await vault.seal(acme, KEY)
    const cut = Array.from({ length: value.length - 4 }, (_, n) => vault.open(acme, value.slice(0, n + 4)).state)
    expect(new Set(cut)).toEqual(new Set(['unreadable']))
    expect(keyIn(vault, acme, value.replace('tg1', 'tg2'))).toMatch(/version/)
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.json(),
          fc.string().map((text) => `tg1:${text}`),
        ),
        (text) => {
          expect(['open', 'unreadable']).toContain(vault.open(acme, text).state)
        },
      ),
    )
  })

  it('never gives a sealed text away as if it were the key', async () => {
    const vault = await vaultOver()
    const value = await vault.seal(acme, KEY)
    const sealedTwice = await vault.seal(acme, value)
    const texts = ['gAAAAABonw', 'vault:v1:abc', 'enc:abc', 'tg9:abc', sealedTwice, `{"key":"${value}"}`]
    expect(texts.map((text) => vault.open(acme, text).state)).toEqual(texts.map(() => 'unreadable'))
  })

  it('reads plain rows, until they are forbidden', async () => {
    const accepting = await vaultOver()
    expect(keyIn(accepting, acme, ` ${KEY}\n`)).toBe(`plain ${KEY}`)
    const refusing = await vaultOver(undefined, { settings: { plaintext: 'refuse', openers: [] } })
    expect(keyIn(refusing, acme, KEY)).toMatch(/plaintext_rows: refuse.*tollgate provider-keys seal/)
    expect(keyIn(refusing, acme, 'gAAAAABonw')).toMatch(/Fernet/)
    expect(keyIn(refusing, acme, await refusing.seal(acme, KEY))).toBe(`sealed ${KEY}`)
  })

  it('reads another system’s values with an opener, and says so where its key is another', async () => {
    const spec = 'gAAAAAAdwJ6wAAECAwQFBgcICQoLDA0ODy021cpGVWKZ_eEwCGM4BLLF_5CV9dOPmrhuVUPgJobwOz7JcbmrR64jVmpU4IwqDA=='
    const right = createOpener({ type: 'fernet', key: new Secret('cw_0x689RpI-jtRR7oE8h_eQsKImvJapLeSbXpwF4e4=') })
    const wrong = createOpener({ type: 'fernet', key: new Secret(randomBytes(32).toString('base64')) })
    const vaultWith = (...openers: (typeof right)[]) => vaultOver(undefined, { settings: { plaintext: 'refuse', openers } })
    expect(keyIn(await vaultWith(wrong, right), acme, spec)).toBe('foreign hello')
    expect(keyIn(await vaultWith(wrong), acme, spec)).toMatch(/opener for it \(fernet\) does not open it/)
    expect(keyIn(await vaultWith(), acme, spec)).toMatch(/secrets\.openers/)
  })
})

describe('several processes', () => {
  it('agree on data keys, vault ids and the pepper when they start at once', async () => {
    const store = memoryVaultStore()
    const [one, two] = await Promise.all([vaultOver(store), vaultOver(store)])
    expect(one.pepper()).toEqual(two.pepper())
    const [first, second] = await Promise.all([one.seal(acme, 'sk-first'), two.seal(acme, 'sk-second')])
    expect([keyIn(one, acme, second), keyIn(two, acme, first)]).toEqual(['sealed sk-second', 'sealed sk-first'])
  })

  it('learn of each other’s data keys and groups with the rows they are needed for', async () => {
    const store = memoryVaultStore()
    const [server, cli] = [await vaultOver(store), await vaultOver(store)]
    const value = await cli.seal(acme, KEY)
    expect(keyIn(server, acme, value)).toMatch(/no data key/)
    await server.learn(changed(acme, value))
    expect(keyIn(server, acme, value)).toBe(`sealed ${KEY}`)
  })

  it('learn of an erased tenant, and seal under a new data key afterwards', async () => {
    const store = memoryVaultStore()
    const [server, cli] = [await vaultOver(store), await vaultOver(store)]
    const value = await server.seal(acme, KEY)
    store.rows.delete('data-key acme')
    for (const vault of [server, cli]) await vault.learn({ tenants: [{ id: acme.tenant, tenant: undefined, settings: [] }], keys: [] })
    expect([keyIn(server, acme, value), keyIn(cli, acme, value)].map((text) => text.slice(0, 27))).toEqual(
      Array(2).fill('this tenant has no data key'),
    )
    const again = await cli.seal(acme, KEY)
    await server.learn({ tenants: [], keys: [], everything: { tenants: [], settings: [], keys: [] } })
    expect(keyIn(server, acme, again)).toBe(`sealed ${KEY}`)
    expect(keyIn(server, acme, value)).toMatch(/does not have: erased/)
  })
})

describe('erasing a tenant', () => {
  it('makes its values unreadable, and leaves every other tenant’s', async () => {
    const store = memoryVaultStore()
    const vault = await vaultOver(store)
    const [value, other] = [await vault.seal(acme, KEY), await vault.seal(rowOf('globex'), KEY)]
    store.rows.delete('data-key acme')
    await vault.learn({ tenants: [{ id: acme.tenant, tenant: undefined, settings: [] }], keys: [] })
    expect(keyIn(vault, acme, value)).toMatch(/no data key/)
    expect(keyIn(vault, rowOf('globex'), other)).toBe(`sealed ${KEY}`)
  })
})

describe('master keys', () => {
  it('that are wrong are told at the door, and which one is wanted', async () => {
    const store = memoryVaultStore()
    await vaultOver(store)
    const stranger = under(newMasterKey(randomBytes, 'k1'))
    await expect(vaultOver(store, { master: stranger })).rejects.toMatchObject({
      code: 'master_key_wrong',
      message: expect.stringMatching(/given as k1 does not open it.*TOLLGATE_MASTER_KEYS/),
    })
    await expect(vaultOver(store, { master: under(k2) })).rejects.toMatchObject({
      code: 'master_key_wrong',
      message: expect.stringMatching(/master key k1, which was not given \(given: k2\)/),
    })
  })

  it('that are missing are told apart: sealed rows exist, or none yet', async () => {
    const store = memoryVaultStore()
    await expect(vaultOver(store, { master: undefined })).rejects.toMatchObject({
      code: 'master_key_missing',
      message: expect.stringContaining('openssl rand -base64 32'),
    })
    await vaultOver(store)
    await expect(vaultOver(store, { master: undefined })).rejects.toMatchObject({
      code: 'master_key_missing',
      message: expect.stringMatching(/sealed under the master key k1, and no master key was given/),
    })
  })

  it('are exchanged by a rotation that no value and no gateway key notices', async () => {
    const store = memoryVaultStore()
    const before = await vaultOver(store)
    const sealed = await Promise.all(
      ['a', 'b', 'c'].map(async (name) => ({ row: rowOf(name), value: await before.seal(rowOf(name), KEY) })),
    )
    const rotating = await vaultOver(store, { master: under(k2, k1) })
    expect((await rotating.status()).keys).toEqual([
      { id: 'k2', given: true, rows: 0, dataKeys: 0 },
      { id: 'k1', given: true, rows: 6, dataKeys: 3 },
    ])
    expect(await rotating.rotate(under(k2, k1), audit)).toEqual({ resealed: 6, left: [] })
    expect(store.audit).toEqual([audit])
    expect(await rotating.status()).toEqual({
      current: 'k2',
      keys: [
        { id: 'k2', given: true, rows: 6, dataKeys: 3 },
        { id: 'k1', given: true, rows: 0, dataKeys: 0 },
      ],
    })

    const after = await vaultOver(store, { master: under(k2) })
    expect(after.pepper()).toEqual(before.pepper())
    for (const vault of [before, rotating, after]) {
      expect(sealed.map(({ row, value }) => keyIn(vault, row, value))).toEqual(sealed.map(() => `sealed ${KEY}`))
    }
    await expect(vaultOver(store, { master: under(k1) })).rejects.toMatchObject({ code: 'master_key_wrong' })
  })

  it('may come to a running process, which then opens what was sealed under them', async () => {
    const store = memoryVaultStore()
    const [server, cli] = [await vaultOver(store), await vaultOver(store)]
    await cli.rotate(under(k2, k1), audit)
    const value = await cli.seal(acme, KEY)
    await server.learn(changed(acme, value))
    expect(keyIn(server, acme, value)).toMatch(/master key k2, which was not given/)
    server.adopt(under(k2, k1))
    expect(keyIn(server, acme, value)).toBe(`sealed ${KEY}`)
  })

  it('that are still needed are named by the rotation that cannot do without them', async () => {
    const store = memoryVaultStore()
    const first = await vaultOver(store)
    const value = await first.seal(acme, KEY)
    const damaged = store.rows.get('data-key acme')!
    store.rows.set('data-key acme', { ...damaged, value: damaged.value.replace('tg1:k1:', 'tg1:k0:') })
    const vault = await vaultOver(store, { master: under(k2, k1) })
    const { resealed, left } = await vault.rotate(under(k2, k1), audit)
    expect(resealed).toBe(3)
    expect(left).toEqual([expect.stringMatching(/^data-key acme: .*master key k0, which was not given/)])
    expect(keyIn(vault, acme, value)).toMatch(/master key k0/)
  })

  it('do not bring an erased tenant back', async () => {
    const store = memoryVaultStore()
    const vault = await vaultOver(store)
    const value = await vault.seal(acme, KEY)
    const replace = store.replace
    store.replace = async (entries, entry) => {
      store.rows.delete('data-key acme')
      await replace(entries, entry)
    }
    await vault.rotate(under(k2, k1), audit)
    const next = await vaultOver(store, { master: under(k2) })
    expect([keyIn(vault, acme, value), keyIn(next, acme, value)]).toEqual([
      expect.stringMatching(/no data key/),
      expect.stringMatching(/no data key/),
    ])
  })
})

it('opening a value costs microseconds, with more data keys than are kept open too', async () => {
  const vault = await vaultOver()
  const rows = Array.from({ length: 20_000 }, (_, n) => rowOf(`tenant-${n}`))
  const sealed: { row: SealedFor; value: string }[] = []
  for (const row of rows) sealed.push({ row, value: await vault.seal(row, KEY) })
  const started = performance.now()
  for (const { row, value } of sealed) vault.open(row, value)
  const cold = ((performance.now() - started) * 1000) / sealed.length
  const warm = performance.now()
  for (let n = 0; n < 20_000; n++) vault.open(rows[1]!, sealed[1]!.value)
  console.log(`vault: open ${cold.toFixed(1)} us cold, ${(((performance.now() - warm) * 1000) / 20_000).toFixed(1)} us warm`)
  expect(cold, 'microseconds').toBeLessThan(200)
})
