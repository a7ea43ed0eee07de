import type { AnswerCache, CachedAnswer, CachePlace } from '../contract/answer-cache.ts'
import type { TenantId } from '../contract/ids.ts'
import type { ContentSeal } from '../contract/vault.ts'
import { decodeCopy, encodeCopy } from '../wire/copy-bytes.ts'
import type { Redis } from './redis.ts'

export interface SharedAnswersInput {
  readonly redis: Redis
  /** This process's own, which is asked first. */
  readonly near: AnswerCache
  readonly content: ContentSeal
  /** Milliseconds since the epoch. */
  readonly now: () => number
}

/** What tells an answer besides its copy; until when it serves, in milliseconds since the epoch. */
interface Head extends Omit<CachedAnswer, 'copy'> {
  readonly until: number
}

/**
 * Answers that all replicas share, each sealed under the data key of its tenant, so that whoever reads the server reads none, and an erased
 * tenant's open nowhere. A server that does not answer in time has none.
 */
export class SharedAnswers implements AnswerCache {
  readonly #input: SharedAnswersInput

  constructor(input: SharedAnswersInput) {
    this.#input = input
  }

  async get(place: CachePlace): Promise<CachedAnswer | undefined> {
    const { redis, near, content, now } = this.#input
    const own = await near.get(place)
    if (own) return own
    const key = this.#keyOf(place)
    const sealed = await redis.command({ key, words: ['GET', key] })
    const plain = typeof sealed === 'string' ? await content.open(place.tenant, sealFor(place), sealed) : undefined
    if (!plain) return undefined
    const { until, ...answer } = decode(plain)
    near.put(place, answer, until - now())
    return answer
  }

  put(place: CachePlace, answer: CachedAnswer, ttl: number): void {
    this.#input.near.put(place, answer, ttl)
    // Where it cannot be shared it serves this process alone.
    this.#share(place, answer, ttl).catch(() => {})
  }

  /** The others' run out by themselves, and nobody asks for them under a tenant that is gone. */
  drop(tenant?: TenantId): void {
    this.#input.near.drop(tenant)
  }

  async #share(place: CachePlace, answer: CachedAnswer, ttl: number): Promise<void> {
    const { redis, content, now } = this.#input
    await content.ready(place.tenant)
    const sealed = content.seal(place.tenant, sealFor(place), encode({ ...answer, until: now() + ttl }))
    const key = this.#keyOf(place)
    if (sealed) await redis.command({ key, words: ['SET', key, sealed, 'PX', String(ttl)] })
  }

  #keyOf({ tenant, digest }: CachePlace): string {
    return this.#input.redis.key(tenant, 'answer', digest)
  }
}

const sealFor = ({ digest }: CachePlace): string => `answer ${digest}`

/** A line of JSON, then the copy. */
function encode({ copy, ...head }: CachedAnswer & Head): Buffer {
  return Buffer.concat([Buffer.from(`${JSON.stringify(head satisfies Head)}\n`), encodeCopy(copy)])
}

function decode(plain: Buffer): CachedAnswer & Head {
  const end = plain.indexOf('\n')
  const head: Head = JSON.parse(plain.toString('utf8', 0, end))
  return { ...head, copy: decodeCopy(plain.subarray(end + 1)) }
}
