import { tenantId } from '../../contract/ids.ts'
import type { Keeper, KeeperRow } from '../../contract/kept.ts'

/** Some 300 MB; beyond, the oldest are forgotten before their time. */
export const MOST_KEEPERS = 2_000_000
/** Rows cleared away with each write at most, so that no write is long. */
export const CLEARED_KEEPERS = 100

export interface KeptKeeper {
  digest: Buffer
  tenant_id: string
  provider: string
  wire_model: string
  source: Keeper['source']
  fingerprint: string | null
  expires_at: number
}

export function decodeKeeper({ digest, tenant_id, provider, wire_model, source, fingerprint, expires_at }: KeptKeeper): KeeperRow {
  const place = { provider, wireModel: wire_model, source, fingerprint: fingerprint ?? undefined }
  return { digest, tenant: tenantId(tenant_id), ...place, expiresAt: expires_at }
}
