import type { ClaimStore } from '../../contract/copy.ts'
import { CLAIM_COLUMNS, decodeClaim, SWEPT_CLAIMS, type WrittenClaim } from '../rows/claims.ts'
import type { Database } from './database.ts'

/** Takes the claim where nobody has it; a statement that was lost with its connection and is asked again finds its own and takes it once more. */
const TAKE = `
  INSERT INTO claims AS stands (${CLAIM_COLUMNS}, state) VALUES ($1, $2, $3, $4, $5, $6, 'running')
  ON CONFLICT (digest) DO UPDATE SET tenant_id = excluded.tenant_id, asked = excluded.asked, request_id = excluded.request_id,
    until = excluded.until, expires_at = excluded.expires_at, state = excluded.state, copy = NULL
  WHERE stands.expires_at <= $7 OR (stands.state = 'running' AND stands.request_id IN ($4, $8))`

export function claimStore(db: Database, now: () => number): ClaimStore {
  return {
    async take(claim, insteadOf) {
      const { digest, tenant, asked, requestId, until, expiresAt } = claim
      for (;;) {
        const values = [digest, tenant, asked, requestId, until, expiresAt, now(), insteadOf ?? null]
        if ((await db.run(TAKE, ...values)) === 1) return undefined
        const [row] = await db.rows<WrittenClaim>('SELECT * FROM claims WHERE digest = $1', digest)
        // Released between the two statements: it is free after all.
        if (row) return decodeClaim(row)
      }
    },
    async keep({ digest, requestId }, copy) {
      const state = copy === undefined ? 'too large' : 'kept'
      await db.run(
        'UPDATE claims SET state = $1, copy = $2 WHERE digest = $3 AND request_id = $4',
        ...[state, copy ?? null, digest, requestId],
      )
    },
    async release({ digest, requestId }) {
      await db.run('DELETE FROM claims WHERE digest = $1 AND request_id = $2', digest, requestId)
    },
    async renew(claims, until) {
      await db.run(
        `UPDATE claims SET until = $1 FROM unnest($2::bytea[], $3::text[]) AS given (digest, request_id)
        WHERE claims.digest = given.digest AND claims.request_id = given.request_id`,
        ...[until, claims.map(({ digest }) => digest), claims.map(({ requestId }) => requestId)],
      )
    },
    // What another is clearing away just now is left to it.
    sweep: () =>
      db.run(
        `DELETE FROM claims WHERE digest IN (
          SELECT digest FROM claims WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2 FOR UPDATE SKIP LOCKED)`,
        ...[now(), SWEPT_CLAIMS],
      ),
  }
}
