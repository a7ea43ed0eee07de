import { createHash } from 'node:crypto'
import type { Claim, ClaimRow, ClaimStore, Claims, ClaimWanted, Copy, StandingClaim } from '../contract/copy.ts'
import type { LedgerStore } from '../contract/store.ts'
import type { ContentSeal } from '../contract/vault.ts'
import { GatewayError } from '../errors.ts'
import { decodeCopy, encodeCopy } from '../wire/copy-bytes.ts'

/** An answer is told again for a day. Milliseconds. */
const LIFE = 24 * 60 * 60 * 1000
/** A process that has not said so for as long no longer runs its requests; it says so every third of it. Milliseconds. */
const LEASE = 30_000

export interface ClaimsInput {
  readonly store: ClaimStore
  readonly books: Pick<LedgerStore, 'requests'>
  readonly content: ContentSeal
  /** Milliseconds since the epoch. */
  readonly now: () => number
}

export interface ClaimDesk extends Claims {
  /** Says that this process is alive; to be called every ten seconds. */
  renew(): Promise<void>
  /** Removes what has expired; to be called every minute. */
  sweep(): Promise<void>
}

export function createClaims({ store, books, content, now }: ClaimsInput): ClaimDesk {
  const running = new Set<ClaimRow>()

  function claimed(row: ClaimRow): Claim {
    running.add(row)
    // What cannot be written here is found out by the books once nobody says any more that it runs.
    const ended = (how: () => Promise<void>): Promise<void> => how().finally(() => running.delete(row))
    return {
      answered: (copy) => ended(() => keep(row, copy)),
      failed: (copy) => ended(async () => ((await wasProcessed(row)) ? keep(row, copy) : store.release(row))),
    }
  }

  function keep(row: ClaimRow, copy: Copy | undefined): Promise<void> {
    return store.keep(row, copy && content.seal(row.tenant, placeOf(row), encodeCopy(copy)))
  }

  /** By the books: an attempt that is not released may have reached a provider, and may be billed. */
  async function wasProcessed({ tenant, requestId }: ClaimRow): Promise<boolean> {
    const attempts = await books.requests({ tenant, requestId, limit: MOST_ATTEMPTS })
    return attempts.some(({ state }) => state !== 'released')
  }

  async function toldAgain(row: ClaimRow, standing: StandingClaim): Promise<Claim | Copy> {
    if (standing.asked !== row.asked) throw reused()
    if (standing.state === 'too large') throw notKept(standing, 'was answered with more than is kept of an answer (sizes.kept_answer)')
    if (standing.copy !== undefined) return opened(standing, standing.copy)
    if (standing.until > now()) throw stillRuns()
    if (await wasProcessed(standing)) throw notKept(standing, 'broke off with the process that ran it, and may have been charged')
    if (await store.take(row, standing.requestId)) throw stillRuns()
    return claimed(row)
  }

  async function opened(standing: StandingClaim, sealed: string): Promise<Copy> {
    const plain = await content.open(standing.tenant, placeOf(standing), sealed)
    if (!plain) throw notKept(standing, 'was answered, and what seals the answer is gone')
    return decodeCopy(plain)
  }

  return {
    async take(wanted) {
      await content.ready(wanted.tenant)
      const row = rowOf(wanted, now())
      const standing = await store.take(row)
      return standing ? toldAgain(row, standing) : claimed(row)
    },
    renew: async () => (running.size === 0 ? undefined : store.renew([...running], now() + LEASE)),
    async sweep() {
      while ((await store.sweep()) > 0);
    },
  }
}

/** More than any request makes. */
const MOST_ATTEMPTS = 100

/** The tenant is part of the digest: a key that two of them send is two keys. */
function rowOf({ tenant, key, asked, requestId }: ClaimWanted, at: number): ClaimRow {
  const digest = createHash('sha256').update(`${tenant}\0${key}`).digest()
  return { digest, tenant, asked, requestId, until: at + LEASE, expiresAt: at + LIFE }
}

const placeOf = ({ digest }: ClaimRow): string => `claim ${digest.toString('hex')}`

const reused = (): GatewayError =>
  new GatewayError('idempotency_key_reuse', 'This idempotency-key came with another request before: give each request a key of its own.')

const stillRuns = (): GatewayError =>
  new GatewayError(
    'request_in_progress',
    'The request that came first with this idempotency-key is still running: ask again in a second.',
    {
      retryAfter: 1,
    },
  )

const notKept = ({ requestId }: ClaimRow, what: string): GatewayError =>
  new GatewayError(
    'answer_not_kept',
    `Request ${requestId}, which came first with this idempotency-key, ${what}. It is not done again: to have it done again, send another key.`,
    { headers: { 'x-tollgate-original-request-id': requestId } },
  )
