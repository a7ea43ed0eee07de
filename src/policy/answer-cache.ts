import type { AnswerCache, CachedAnswer, CachePlace } from '../contract/answer-cache.ts'
import type { TenantId } from '../contract/ids.ts'

export interface AnswerCacheInput {
  /** Milliseconds since the epoch. */
  readonly now: () => number
  /** Bytes that all answers together may take. */
  readonly room: () => number
}

interface Entry {
  readonly tenant: TenantId
  readonly answer: CachedAnswer
  readonly bytes: number
  /** Milliseconds since the epoch. */
  readonly until: number
}

/** What is held now, and how often it was of use. */
export interface CacheFigures {
  readonly answers: number
  readonly bytes: number
  readonly hits: number
  readonly misses: number
}

/** Answers in the memory of this process: those not asked for longest make room for new ones. */
export class MemoryAnswers implements AnswerCache {
  readonly #input: AnswerCacheInput
  /** By place, the one asked for last at the end. */
  readonly #entries = new Map<string, Entry>()
  #bytes = 0
  #hits = 0
  #misses = 0

  constructor(input: AnswerCacheInput) {
    this.#input = input
  }

  get figures(): CacheFigures {
    return { answers: this.#entries.size, bytes: this.#bytes, hits: this.#hits, misses: this.#misses }
  }

  async get(place: CachePlace): Promise<CachedAnswer | undefined> {
    const name = nameOf(place)
    const entry = this.#take(name)
    if (!entry || entry.until <= this.#input.now()) {
      this.#misses++
      return undefined
    }
    this.#hits++
    this.#set(name, entry)
    return entry.answer
  }

  put(place: CachePlace, answer: CachedAnswer, ttl: number): void {
    const name = nameOf(place)
    const bytes = sizeOf(answer)
    const room = this.#input.room()
    this.#take(name)
    if (bytes > room) return
    this.#set(name, { tenant: place.tenant, answer, bytes, until: this.#input.now() + ttl })
    for (const oldest of this.#entries.keys()) {
      if (this.#bytes <= room) return
      this.#take(oldest)
    }
  }

  drop(tenant?: TenantId): void {
    for (const [name, entry] of this.#entries) if (tenant === undefined || entry.tenant === tenant) this.#take(name)
  }

  #set(name: string, entry: Entry): void {
    this.#entries.set(name, entry)
    this.#bytes += entry.bytes
  }

  #take(name: string): Entry | undefined {
    const entry = this.#entries.get(name)
    this.#entries.delete(name)
    this.#bytes -= entry?.bytes ?? 0
    return entry
  }
}

const nameOf = ({ tenant, digest }: CachePlace): string => `${digest} ${tenant}`

/** Bytes that an entry, and each piece of it, takes besides its content: a usual estimate. */
const PER_ENTRY = 2_048
const PER_PIECE = 128

function sizeOf({ copy }: CachedAnswer): number {
  return copy.pieces.reduce((sum, { length }) => sum + PER_PIECE + length, PER_ENTRY)
}
