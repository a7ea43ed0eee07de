import type { ClaimRow, StandingClaim } from '../../contract/copy.ts'
import { tenantId } from '../../contract/ids.ts'

/** Rows cleared away in one sweep at most, so that none is long. */
export const SWEPT_CLAIMS = 500

export const CLAIM_COLUMNS = 'digest, tenant_id, asked, request_id, until, expires_at'

export interface WrittenClaim {
  digest: Buffer
  tenant_id: string
  asked: string
  request_id: string
  until: number
  expires_at: number
  state: StandingClaim['state']
  copy: string | null
}

export function decodeClaim({ digest, tenant_id, asked, request_id, until, expires_at, state, copy }: WrittenClaim): StandingClaim {
  const claim: ClaimRow = { digest, tenant: tenantId(tenant_id), asked, requestId: request_id, until, expiresAt: expires_at }
  return { ...claim, state, copy: copy ?? undefined }
}
