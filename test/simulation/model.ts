// What the books and the limits must do, in thirty lines and integers that know no end. All of it is looked through every time.

/** One balance that an attempt asks: so much of it may be taken, and so much it may come to. `allow` null: as much as one likes. */
export interface Line {
  readonly balance: string
  readonly allow: bigint | null
  readonly bound: bigint
}

export class Model {
  readonly held: { readonly attempt: number; readonly balance: string; readonly amount: bigint }[] = []
  readonly spent: { readonly balance: string; readonly amount: bigint }[] = []

  sum(entries: readonly { readonly balance: string; readonly amount: bigint }[], balance: string): bigint {
    return entries.reduce((total, entry) => (entry.balance === balance ? total + entry.amount : total), 0n)
  }

  admits(lines: readonly Line[]): boolean {
    return lines.every(({ balance, allow, bound }) => {
      if (allow === null) return true
      const left = allow - this.sum(this.spent, balance) - this.sum(this.held, balance)
      return left > 0n && bound <= left
    })
  }

  hold(attempt: number, lines: readonly Line[]): void {
    for (const { balance, bound } of lines) this.held.push({ attempt, balance, amount: bound })
  }

  /** `amounts`: what each line came to. */
  end(attempt: number, lines: readonly Line[], amounts: readonly bigint[]): void {
    for (let at = this.held.length - 1; at >= 0; at--) if (this.held[at]?.attempt === attempt) this.held.splice(at, 1)
    for (const [at, { balance }] of lines.entries()) this.spent.push({ balance, amount: amounts[at] ?? 0n })
  }
}

/** Everything that was ever counted, with when: a sum over any stretch of time is a sum over the list. */
export class Tally {
  readonly entries: { at: number; amount: bigint }[] = []

  since(moment: number): bigint {
    return this.entries.reduce((total, { at, amount }) => (at > moment ? total + amount : total), 0n)
  }
}
