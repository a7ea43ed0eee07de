import type { AuditEntry, DirectoryChanges, VaultStore } from '../../contract/store.ts'
import type { ContentSeal, Opened, SealedFor, Vault } from '../../contract/vault.ts'
import { GatewayError } from '../../errors.ts'
import { createContentSeal } from './content.ts'
import { dataKeyFrom, newDataKey } from './data-key.ts'
import { type Binding, isEnvelope, keyIdOf, openEnvelope, sealEnvelope } from './envelope.ts'
import type { MasterKeys } from './master-keys.ts'
import type { Opener } from './openers.ts'
import { type RowContent, SealedRows } from './sealed-rows.ts'
import { decodeValue, unreadable } from './value.ts'

export interface VaultService extends Vault {
  readonly content: ContentSeal
  /** The pepper of gateway keys: made once, then the same under every master key. */
  pepper(): Buffer
  /**
   * Brings in the data keys and vault ids that other processes made or erased. To be awaited before the same changes reach the
   * directory: else a value that another process has just sealed is unreadable until it changes again.
   */
  learn(changes: DirectoryChanges): Promise<void>
  /** From now on these master keys seal and open, e.g. after their file has changed. */
  adopt(master: MasterKeys): void
  /** Adopts the keys, and seals under the current one all that older ones sealed: data keys, the pepper and the like, no tenant's rows. */
  rotate(master: MasterKeys, audit: AuditEntry): Promise<Rotation>
  status(): Promise<VaultStatus>
}

export interface Rotation {
  readonly resealed: number
  /** What no given key opens, and why: an older master key cannot be dropped while one of these needs it. */
  readonly left: readonly string[]
}

export interface VaultStatus {
  readonly current: string
  /** By master key; one that was given and sealed nothing may be dropped. */
  readonly keys: readonly { readonly id: string; readonly given: boolean; readonly rows: number; readonly dataKeys: number }[]
}

export interface VaultInput {
  readonly store: VaultStore
  /** Undefined: the operator gave none. */
  readonly master: MasterKeys | undefined
  readonly random: (bytes: number) => Buffer
  readonly settings: { readonly plaintext: 'accept' | 'refuse'; readonly openers: readonly Opener[] }
}

/** Throws `master_key_missing` or `master_key_wrong`, with what to do: a gateway that cannot open its own pepper knows nobody. */
export async function openVault(input: VaultInput): Promise<VaultService> {
  const master = await givenMaster(input)
  const rows = new SealedRows({ ...input, master })
  await rows.load()
  mustOpen(await rows.ensure('check', 'master', () => Buffer.from('tollgate')))
  const pepper = mustOpen(await rows.ensure('pepper', 'gateway-keys', () => input.random(32)))
  return createVault({ ...input, rows, pepper })
}

async function givenMaster({ store, master }: VaultInput): Promise<MasterKeys> {
  if (master) return master
  const [sealed] = await store.all()
  const found = sealed && `This database is sealed under the master key ${keyIdOf(sealed.value)}, and no master key was given.`
  throw new GatewayError(
    'master_key_missing',
    found === undefined
      ? 'No master key was given. Set TOLLGATE_MASTER_KEYS to k1:<base64 of 32 random bytes>, e.g. from: openssl rand -base64 32'
      : `${found} Give it in TOLLGATE_MASTER_KEYS or TOLLGATE_MASTER_KEYS_FILE: it was made at the first start and is in your backup of the data folder.`,
  )
}

function mustOpen(content: RowContent): Buffer {
  if ('plain' in content) return content.plain
  throw new GatewayError(
    'master_key_wrong',
    `This database was sealed with another master key: ${content.trouble}. Give the key it was sealed with in TOLLGATE_MASTER_KEYS, behind the current one if that is new.`,
  )
}

function createVault(input: VaultInput & { rows: SealedRows; pepper: Buffer }): VaultService {
  const { rows, random, settings } = input
  return {
    open: (row, value) => openValue({ rows, settings, row, text: value.trim() }),
    seal: (row, plain) => sealValue({ rows, random, row, plain }),
    content: createContentSeal(rows, random),
    pepper: () => input.pepper,
    learn: (changes) => learn(rows, changes),
    adopt: (master) => rows.adopt(master),
    rotate(master, audit) {
      rows.adopt(master)
      return rows.reseal(audit)
    },
    status: async () => statusOf(rows.master, await rows.countByMasterKey()),
  }
}

interface Opening {
  readonly rows: SealedRows
  readonly settings: VaultInput['settings']
  readonly row: SealedFor
  readonly text: string
}

function openValue(opening: Opening): Opened {
  const { text, settings } = opening
  if (isEnvelope(text)) return openSealed(opening)
  const openers = settings.openers.filter((opener) => opener.recognises(text))
  if (openers.length > 0) return openForeign(text, openers)
  const opened = decodeValue(text, 'plain')
  if (opened.state === 'unreadable' || settings.plaintext === 'accept') return opened
  return unreadable('the value lies there unsealed, which plaintext_rows: refuse forbids. Seal it with: tollgate provider-keys seal')
}

function openForeign(text: string, openers: readonly Opener[]): Opened {
  for (const opener of openers) {
    const plain = opener.open(text)
    if (plain !== undefined) return decodeValue(plain.trim(), 'foreign')
  }
  const types = openers.map(({ type }) => type).join(', ')
  return unreadable(`the value is sealed by another system, and the key of the opener for it (${types}) does not open it`)
}

function openSealed({ rows, row, text }: Opening): Opened {
  const keyId = keyIdOf(text)
  if (keyId === undefined) return unreadable('the envelope is damaged, or of a version that this release does not know')
  const dataKey = rows.read('data-key', row.tenant)
  if (dataKey === undefined)
    return unreadable('this tenant has no data key: it was erased, or the value comes from another tenant or database')
  if ('trouble' in dataKey) return unreadable(`the tenant's data key cannot be opened: ${dataKey.trouble}`)
  const key = dataKeyFrom(dataKey.plain)
  if (keyId !== key.id)
    return unreadable('it is sealed with a data key that this tenant does not have: erased, or of another tenant or database')
  const group = rows.read('group', row.group)
  if (group === undefined) return unreadable(`nothing was ever sealed here for ${row.group}: the value was sealed for another vendor`)
  if ('trouble' in group) return unreadable(`the vault id of ${row.group} cannot be opened: ${group.trouble}`)
  const plain = openEnvelope({ key, binding: bindingOf(row, group.plain), envelope: text })
  return plain ? decodeValue(plain.toString(), 'sealed') : unreadable('it was sealed for another vendor, or changed since')
}

async function sealValue(input: { rows: SealedRows; random: VaultInput['random']; row: SealedFor; plain: string }): Promise<string> {
  const { rows, random, row } = input
  const dataKey = mustSeal(await rows.ensure('data-key', row.tenant, () => newDataKey(random)))
  const group = mustSeal(await rows.ensure('group', row.group, () => random(16)))
  return sealEnvelope({ key: dataKeyFrom(dataKey), binding: bindingOf(row, group), plain: Buffer.from(input.plain), random })
}

function mustSeal(content: RowContent): Buffer {
  if ('plain' in content) return content.plain
  throw new GatewayError('credential_unreadable', `The key cannot be sealed: what seals it cannot be opened, for ${content.trouble}.`)
}

/** The group by its vault id, which outlives every renaming: a value moved to another row of the same tenant and group still opens. */
const bindingOf = (row: SealedFor, vaultId: Buffer): Binding => ['value', row.tenant, vaultId.toString('hex')]

async function learn(rows: SealedRows, changes: DirectoryChanges): Promise<void> {
  if (changes.everything) return rows.load()
  const sealed = changes.tenants.filter(({ tenant, settings }) => tenant === undefined || settings.some(({ value }) => isEnvelope(value)))
  if (sealed.length === 0) return
  await rows.load('group')
  for (const { id } of sealed) await rows.refresh('data-key', id)
}

function statusOf(master: MasterKeys, counts: ReadonlyMap<string, { rows: number; dataKeys: number }>): VaultStatus {
  const ids = new Set([...master.byId.keys(), ...counts.keys()])
  const keys = [...ids].map((id) => ({ id, given: master.byId.has(id), ...(counts.get(id) ?? { rows: 0, dataKeys: 0 }) }))
  return { current: master.current.id, keys }
}
