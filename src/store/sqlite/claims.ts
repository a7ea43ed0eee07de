import type { Database } from 'better-sqlite3'
import type { ClaimRow, ClaimStore, StandingClaim } from '../../contract/copy.ts'
import { CLAIM_COLUMNS, decodeClaim, SWEPT_CLAIMS, type WrittenClaim } from '../rows/claims.ts'
import { whenFree } from './connection.ts'

export function claimStore(db: Database, now: () => number): ClaimStore {
  const one = db.prepare<[Buffer], WrittenClaim>('SELECT * FROM claims WHERE digest = ?')
  const put = db.prepare(`INSERT OR REPLACE INTO claims (${CLAIM_COLUMNS}, state, copy) VALUES (?, ?, ?, ?, ?, ?, 'running', NULL)`)
  const keep = db.prepare('UPDATE claims SET state = ?, copy = ? WHERE digest = ? AND request_id = ?')
  const release = db.prepare('DELETE FROM claims WHERE digest = ? AND request_id = ?')
  const renew = db.prepare('UPDATE claims SET until = ? WHERE digest = ? AND request_id = ?')
  const sweep = db.prepare(
    'DELETE FROM claims WHERE digest IN (SELECT digest FROM claims WHERE expires_at <= ? ORDER BY expires_at LIMIT ?)',
  )

  const take = db.transaction((claim: ClaimRow, insteadOf: string | undefined): StandingClaim | undefined => {
    const { digest, tenant, asked, requestId, until, expiresAt } = claim
    const row = one.get(digest)
    const standing = row && decodeClaim(row)
    const yields = standing && (standing.expiresAt <= now() || (standing.requestId === insteadOf && standing.state === 'running'))
    if (standing && !yields) return standing
    put.run(digest, tenant, asked, requestId, until, expiresAt)
    return undefined
  })
  const renewAll = db.transaction((claims: readonly ClaimRow[], until: number): void => {
    for (const { digest, requestId } of claims) renew.run(until, digest, requestId)
  })

  return {
    take: (claim, insteadOf) => whenFree(() => take.immediate(claim, insteadOf)),
    keep: ({ digest, requestId }, copy) =>
      whenFree(() => void keep.run(copy === undefined ? 'too large' : 'kept', copy ?? null, digest, requestId)),
    release: ({ digest, requestId }) => whenFree(() => void release.run(digest, requestId)),
    renew: (claims, until) => whenFree(() => renewAll.immediate(claims, until)),
    sweep: () => whenFree(() => sweep.run(now(), SWEPT_CLAIMS).changes),
  }
}
