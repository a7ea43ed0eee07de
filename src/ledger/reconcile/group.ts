import type { Billed, Claim } from '../../contract/billing.ts'
import type { Cause } from '../../contract/reconciliation.ts'

/** Pico-dollars, and of how many tokens or other things, where that was told. */
export interface Amount {
  amount: bigint
  quantity: number | undefined
}

/** What is billed and booked for one kind of thing under one tier of service. */
export interface Cell {
  readonly what: Billed
  readonly tier: string
  readonly billed: Amount
  readonly booked: Amount
}

/** Attempts whose booked amount is a guess: how much more and how much less each side may have been. */
export interface Guess {
  more: bigint
  less: bigint
}

export interface Taken {
  readonly cause: Cause
  readonly amount: bigint
  readonly accounts: readonly string[]
}

/** One model on one day, on both sides. What is taken by a cause is no longer `rest`: the two always add up to the difference. */
export class Group {
  readonly day: string
  readonly model: string | undefined
  readonly cells = new Map<string, Cell>()
  readonly accounts = new Set<string>()
  readonly guesses: Readonly<Record<'drained' | 'estimated', Guess>> = {
    drained: { more: 0n, less: 0n },
    estimated: { more: 0n, less: 0n },
  }
  readonly taken: Taken[] = []
  billedRequests: number | undefined
  bookedRequests = 0
  unpriced = 0
  billed = 0n
  booked = 0n
  /** As much may be lost or gained where the account rounds its amounts. */
  tolerance = 0n
  #explained = 0n

  constructor(day: string, model: string | undefined) {
    this.day = day
    this.model = model
  }

  get rest(): bigint {
    return this.billed - this.booked - this.#explained
  }

  take(cause: Cause, amount: bigint, accounts: Iterable<string> = []): void {
    if (amount === 0n) return
    this.#explained += amount
    this.taken.push({ cause, amount, accounts: [...accounts] })
  }

  /** As much of the rest as lies within a bound, towards nothing. */
  takeUpTo(cause: Cause, bound: bigint): void {
    const { rest } = this
    if (rest > 0n) this.take(cause, least(rest, bound))
    else this.take(cause, -least(-rest, bound))
  }

  cell(what: Billed, tier: string): Cell {
    const name = `${what}\n${tier}`
    const none = (): Amount => ({ amount: 0n, quantity: 0 })
    const cell = this.cells.get(name) ?? { what, tier, billed: none(), booked: none() }
    this.cells.set(name, cell)
    return cell
  }

  claim({ what, tier, quantity, requests, accounts, grain }: Claim, amount: bigint): void {
    add(this.cell(what, tier).billed, amount, quantity)
    this.billed += amount
    this.tolerance += grain / 2n
    if (requests !== undefined) this.billedRequests = (this.billedRequests ?? 0) + requests
    for (const account of accounts) this.accounts.add(account)
  }
}

export function add(to: Amount, amount: bigint, quantity: number | undefined): void {
  to.amount += amount
  to.quantity = quantity === undefined || to.quantity === undefined ? undefined : to.quantity + quantity
}

export const least = (one: bigint, other: bigint): bigint => (one < other ? one : other)
