import { randomBytes } from 'node:crypto'
import {
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  readFileSync,
  renameSync,
  unwatchFile,
  watchFile,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import type { Settings } from '../config/settings.ts'
import { Secret } from '../contract/secret.ts'
import { type MasterKeys, newMasterKey, parseMasterKeys } from '../policy/sealing/master-keys.ts'
import type { VaultService } from '../policy/sealing/vault.ts'

type KeyPlaces = Pick<Settings, 'masterKeys' | 'databaseUrl' | 'dataFolder'>

/** The file beside an embedded store that holds the master keys; undefined where the operator gave them in another way. */
export function masterKeyFile({ masterKeys, databaseUrl, dataFolder }: KeyPlaces): string | undefined {
  return masterKeys || databaseUrl || dataFolder === undefined ? undefined : join(dataFolder, 'master.key')
}

/** Given by the operator, or kept beside the store, be it in memory; made only where nothing was ever sealed. */
export function masterKeysOf(settings: KeyPlaces, fresh: boolean): MasterKeys | undefined {
  if (settings.masterKeys) return parseMasterKeys(settings.masterKeys)
  if (settings.databaseUrl) return undefined
  const file = masterKeyFile(settings)
  if (file === undefined) return parseMasterKeys(newMasterKey(randomBytes))
  if (!existsSync(file)) {
    if (!fresh) return undefined
    writeFileSync(file, `${newMasterKey(randomBytes).reveal()}\n`, { mode: 0o600, flag: 'wx' })
  }
  return readKeys(file)
}

/** Milliseconds. */
const LOOK = 250
/** As long as a running gateway takes at most to see that the file changed. Milliseconds. */
export const UNTIL_SEEN = 4 * LOOK

/** Takes over what the file says when it changes, so that a rotation by another process reaches this one before anything is sealed anew. */
export function followMasterKeys(file: string, vault: Pick<VaultService, 'adopt'>, onTrouble: (error: unknown) => void): () => void {
  const look = (): void => {
    try {
      vault.adopt(readKeys(file))
    } catch (error) {
      onTrouble(error)
    }
  }
  watchFile(file, { interval: LOOK, persistent: false }, look)
  return () => unwatchFile(file, look)
}

/** Puts a new key in front of those in the file. The file is whole at every moment, for without it nothing opens. */
export function addMasterKey(file: string): MasterKeys {
  const before = new Secret(readFileSync(file, 'utf8').trim())
  const { byId } = parseMasterKeys(before)
  const numbers = [...byId.keys()].map((id) => Number(/^k(\d+)$/.exec(id)?.[1] ?? 0))
  const added = newMasterKey(randomBytes, `k${Math.max(...numbers) + 1}`)
  const draft = `${file}.new`
  const descriptor = openSync(draft, 'w', 0o600)
  writeSync(descriptor, `${added.reveal()},${before.reveal()}\n`)
  fsyncSync(descriptor)
  closeSync(descriptor)
  renameSync(draft, file)
  return readKeys(file)
}

const readKeys = (file: string): MasterKeys => parseMasterKeys(new Secret(readFileSync(file, 'utf8').trim()))
