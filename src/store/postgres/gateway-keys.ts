import type { GatewayKey } from '../../contract/caller.ts'
import type { KeyId } from '../../contract/ids.ts'
import type { KeyStore } from '../../contract/store.ts'
import { decodeKey, encodeKey, keyTaken, noSuchKey, type WrittenKey } from '../rows/gateway-keys.ts'
import type { Queries } from './database.ts'
import type { Desk } from './desk.ts'

const COLUMNS = 'id, kind, name, digest, tenant_id, rules, expires_at, revoked_at, created_at'
const PLACES = '($1, $2, $3, $4, $5, $6, $7, $8, $9)'

/** Of these ids, or all. */
export async function readKeys(db: Queries, ids?: readonly KeyId[]): Promise<GatewayKey[]> {
  const select = `SELECT ${COLUMNS} FROM gateway_keys`
  const rows = ids ? db.tuples<WrittenKey>(`${select} WHERE id = ANY($1)`, ids) : db.tuples<WrittenKey>(`${select} ORDER BY id`)
  return (await rows).map(decodeKey)
}

export function keyStore({ mutate }: Desk): KeyStore {
  return {
    create: (key, entry) =>
      mutate(entry, async (tx) => {
        const text = `INSERT INTO gateway_keys (${COLUMNS}) VALUES ${PLACES} ON CONFLICT DO NOTHING`
        if ((await tx.run(text, ...encodeKey(key))) === 0) throw keyTaken(key.id)
      }),
    update: (key, entry) =>
      mutate(entry, async (tx) => {
        const text = `UPDATE gateway_keys SET (${COLUMNS}) = ${PLACES} WHERE id = $1`
        if ((await tx.run(text, ...encodeKey(key))) === 0) throw noSuchKey(key.id)
      }),
  }
}
