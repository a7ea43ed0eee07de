import type { KeyHealth, KeyRef } from '../contract/health.ts'
import type { ProviderId, TenantId } from '../contract/ids.ts'

const MINUTE = 60_000
/** Milliseconds, as all times here. Two refusals closer together than this may be one hiccup. */
const APART = 5_000
/** Waits before the first probes of an invalid key; after them it is probed every hour. */
const PROBES = [1 * MINUTE, 5 * MINUTE, 15 * MINUTE]
const WINDOW = 10 * MINUTE
/** So many keys at once are the provider's trouble, not the keys'. */
const SHARE = 0.05
const AT_LEAST = 5
/** Bounds of memory for each provider: beyond them the oldest suspicion is forgotten, and the share is taken of fewer keys. */
const MAX_CASES = 10_000
const MAX_KNOWN = 20_000

/** Too many keys of one provider would have turned invalid together: none was marked. */
export interface AuthIncident {
  readonly type: 'provider.auth_incident'
  readonly provider: ProviderId
  readonly at: number
  /** Keys refused within ten minutes, of the keys of this provider that were seen in use. */
  readonly refused: number
  readonly known: number
}

export interface KeyHealthWatch extends KeyHealth {
  /** The invalid keys whose next probe has come, each handed out once per turn: after 1, 5, 15, then every 60 minutes. */
  due(): readonly KeyRef[]
  /** What a probe, or an operator's test, has shown. A probe that could not tell is not reported. */
  probed(key: KeyRef, good: boolean): void
  /** A tenant's rows changed, or the tenant is gone. */
  forget(tenant: TenantId): void
}

/** A key is invalid once its provider said so twice, at least 5 s apart, with no good answer between. */
export function createKeyHealth(input: { now: () => number; onIncident: (event: AuthIncident) => void }): KeyHealthWatch {
  const wards = new Map<ProviderId, Ward>()
  const wardOf = ({ provider }: KeyRef): Ward => {
    const ward = wards.get(provider.id) ?? new Ward(provider.id, input)
    wards.set(provider.id, ward)
    return ward
  }
  const words = (key: KeyRef): string | undefined => wards.get(key.provider.id)?.words(key)
  return {
    isInvalid: (key) => words(key) !== undefined,
    words,
    refused: (key, said) => wardOf(key).refused(key, said),
    accepted: (key) => wardOf(key).accepted(key),
    due: () => [...wards.values()].flatMap((ward) => ward.due()),
    probed: (key, good) => {
      if (good) wardOf(key).accepted(key)
    },
    forget: (tenant) => {
      for (const ward of wards.values()) ward.forget(tenant)
    },
  }
}

/** A key that was refused: suspect as long as no probe is planned, invalid from then on. */
interface Case {
  readonly key: KeyRef
  readonly since: number
  words: string
  probeAt: number | undefined
  probes: number
}

/** All keys of one provider. */
class Ward {
  readonly #provider: ProviderId
  readonly #now: () => number
  readonly #onIncident: (event: AuthIncident) => void
  readonly #cases = new Map<string, Case>()
  readonly #known = new Set<string>()
  /** When each key that would turn invalid did so, oldest first. */
  readonly #turned = new Map<string, number>()
  #incident = false

  constructor(provider: ProviderId, input: { now: () => number; onIncident: (event: AuthIncident) => void }) {
    this.#provider = provider
    this.#now = input.now
    this.#onIncident = input.onIncident
  }

  words(key: KeyRef): string | undefined {
    // Nearly always empty, and asked on every request: no name is built for nothing.
    if (this.#cases.size === 0) return undefined
    const found = this.#cases.get(nameOf(key))
    return found?.probeAt === undefined ? undefined : found.words
  }

  accepted(key: KeyRef): void {
    this.#know(key)
    if (this.#cases.size > 0 || this.#turned.size > 0) this.#clear(nameOf(key))
  }

  refused(key: KeyRef, words: string): void {
    this.#know(key)
    const name = nameOf(key)
    const open = this.#cases.get(name) ?? this.#suspect(key, name)
    open.words = words
    if (open.probeAt === undefined && this.#now() - open.since >= APART) this.#turn(name, open)
  }

  due(): KeyRef[] {
    const now = this.#now()
    const due = [...this.#cases.values()].filter(({ probeAt = Number.POSITIVE_INFINITY }) => probeAt <= now)
    for (const one of due) one.probeAt = now + delayOf(++one.probes)
    return due.map(({ key }) => key)
  }

  forget(tenant: TenantId): void {
    for (const [name, { key }] of this.#cases) if (key.tenant === tenant) this.#clear(name)
  }

  #suspect(key: KeyRef, name: string): Case {
    const [oldest] = this.#cases.keys()
    if (oldest !== undefined && this.#cases.size >= MAX_CASES) this.#clear(oldest)
    const suspicion: Case = { key, since: this.#now(), words: '', probeAt: undefined, probes: 0 }
    this.#cases.set(name, suspicion)
    return suspicion
  }

  /** Marks the key, unless it is one of too many: then it and all that were marked with it are cleared. */
  #turn(name: string, turning: Case): void {
    const now = this.#now()
    this.#remember(name, now)
    const tooMany = this.#turned.size >= Math.max(AT_LEAST, this.#known.size * SHARE)
    if (!tooMany) turning.probeAt = now + delayOf(0)
    else for (const other of this.#turned.keys()) this.#cases.delete(other)
    if (tooMany && !this.#incident) this.#report(now)
    this.#incident = tooMany
  }

  #remember(name: string, now: number): void {
    this.#turned.delete(name)
    for (const [other, at] of this.#turned) {
      if (at > now - WINDOW && this.#turned.size < MAX_CASES) break
      this.#turned.delete(other)
    }
    this.#turned.set(name, now)
  }

  #report(at: number): void {
    this.#onIncident({
      type: 'provider.auth_incident',
      provider: this.#provider,
      at,
      refused: this.#turned.size,
      known: this.#known.size,
    })
  }

  #clear(name: string): void {
    this.#cases.delete(name)
    this.#turned.delete(name)
  }

  #know({ fingerprint }: KeyRef): void {
    if (this.#known.size < MAX_KNOWN) this.#known.add(fingerprint)
  }
}

const nameOf = ({ tenant, fingerprint }: KeyRef): string => `${tenant ?? ''} ${fingerprint}`

const delayOf = (probes: number): number => PROBES[probes] ?? 60 * MINUTE
