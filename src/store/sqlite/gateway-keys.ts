import type { Database } from 'better-sqlite3'
import type { GatewayKey } from '../../contract/caller.ts'
import type { KeyId } from '../../contract/ids.ts'
import type { KeyStore } from '../../contract/store.ts'
import { decodeKey, encodeKey, keyTaken, noSuchKey, type WrittenKey } from '../rows/gateway-keys.ts'
import type { Desk } from './mutation.ts'

const COLUMNS = 'id, kind, name, digest, tenant_id, rules, expires_at, revoked_at, created_at'
const PLACES = '(?, ?, ?, ?, ?, ?, ?, ?, ?)'

export function keyReader(db: Database): { all(): GatewayKey[]; get(id: KeyId): GatewayKey | undefined } {
  const all = db.prepare<[], WrittenKey>(`SELECT ${COLUMNS} FROM gateway_keys`).raw()
  const one = db.prepare<[string], WrittenKey>(`SELECT ${COLUMNS} FROM gateway_keys WHERE id = ?`).raw()
  return {
    all: () => all.all().map(decodeKey),
    get(id) {
      const row = one.get(id)
      return row && decodeKey(row)
    },
  }
}

export function keyStore({ db, mutate }: Desk): KeyStore {
  const insert = db.prepare<WrittenKey>(`INSERT INTO gateway_keys (${COLUMNS}) VALUES ${PLACES} ON CONFLICT DO NOTHING`)
  const update = db.prepare<[...WrittenKey, string]>(`UPDATE gateway_keys SET (${COLUMNS}) = ${PLACES} WHERE id = ?`)

  return {
    create: (key, entry) =>
      mutate(entry, () => {
        if (insert.run(...encodeKey(key)).changes === 1) return
        throw keyTaken(key.id)
      }),
    update: (key, entry) =>
      mutate(entry, () => {
        if (update.run(...encodeKey(key), key.id).changes === 1) return
        throw noSuchKey(key.id)
      }),
  }
}
