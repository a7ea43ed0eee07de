import type { TenantId } from './ids.ts'

/** Where an answer is kept, for requests to come that name it: with one provider, in the account of whoever paid. */
export interface Keeper {
  readonly tenant: TenantId
  readonly provider: string
  readonly wireModel: string
  readonly source: 'tenant' | 'platform' | 'none'
  /** Of the key, which tells one of several in one place. */
  readonly fingerprint: string | undefined
}

/** What a request goes on from or asks for, which some provider keeps. */
export interface Kept {
  /** As the client named it. */
  readonly id: string
  /** Undefined: nobody here knows of it, or it is another tenant's, which looks the same. It may still lie in the tenant's own account. */
  readonly keeper: Pick<Keeper, 'provider' | 'source' | 'fingerprint'> | undefined
}

/** Whose answers are kept where. Ids are remembered as digests, for as long as providers keep answers. */
export interface Keepers {
  /** Found from now on; durable when it resolves. */
  remember(id: string, keeper: Keeper): Promise<void>
  find(id: string, tenant: TenantId): Promise<Keeper | undefined>
}

/** A keeper as it is stored: by the SHA-256 of tenant and id, so that the table opens nothing to whoever reads it. */
export interface KeeperRow extends Keeper {
  readonly digest: Buffer
  /** Milliseconds since the epoch. */
  readonly expiresAt: number
}
