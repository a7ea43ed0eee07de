import type { Database } from 'better-sqlite3'
import type { TenantId } from '../../contract/ids.ts'
import type { AttemptRow } from '../../contract/ledger.ts'
import type { Balance, KeptBalance, Source } from '../../contract/meter.ts'
import type { LedgerStore } from '../../contract/store.ts'
import { BalanceSheet, wantedBy } from '../rows/balances.ts'
import { hourOf } from '../rows/sums.ts'
import { whenFree } from './connection.ts'

export type BalanceKeeper = ReturnType<typeof balanceKeeper>

/** To be called within the transaction that writes what the balances are about. */
export function balanceKeeper(db: Database) {
  const load = balanceLoader(db)
  const insert = db.prepare(
    'INSERT INTO balances (tenant_id, meter, subject, since, until, held, spent, seeded) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
  )
  const update = db.prepare('UPDATE balances SET held = ?, spent = ? WHERE tenant_id = ? AND meter = ? AND subject = ? AND since = ?')

  return {
    open(rows: readonly AttemptRow[]): BalanceSheet {
      const sheet = new BalanceSheet()
      for (const { source, opens } of wantedBy(rows)) {
        const stands = load(source)
        if (opens || !stands.isNew) sheet.load(source, stands)
      }
      return sheet
    },
    close(sheet: BalanceSheet): void {
      for (const { source, since, isNew, before, held, spent } of sheet.changed()) {
        const { owner, meter, subject, until } = source
        if (isNew) insert.run(owner, meter, subject, since, until, held, spent, before.spent)
        else update.run(held, spent, owner, meter, subject, since)
      }
    },
  }
}

type Stands = Pick<Balance, 'since' | 'held' | 'spent'> & { readonly isNew: boolean }

function balanceLoader(db: Database): (source: Source) => Stands {
  type Row = Pick<Balance, 'since' | 'held' | 'spent'>
  const of = 'SELECT since, held, spent FROM balances WHERE tenant_id = ? AND meter = ? AND subject = ?'
  const exact = db.prepare<[string, string, string, number], Row>(`${of} AND since = ?`)
  const running = db.prepare<[string, string, string, number], Row>(`${of} AND until > ? ORDER BY since DESC LIMIT 1`)
  const spentBefore = db
    .prepare<[string, number], number>("SELECT coalesce(sum(cost), 0) FROM sums WHERE tenant_id = ? AND hour >= ? AND source = 'platform'")
    .pluck()

  return (source) => {
    const { owner, meter, subject, since } = source
    const row = (source.rolls ? running : exact).get(owner, meter, subject, since)
    if (row) return { ...row, isNew: false }
    return { since, held: 0, spent: source.seeded ? (spentBefore.get(owner, hourOf(since)) ?? 0) : 0, isNew: true }
  }
}

export function balanceReader(db: Database): Pick<LedgerStore, 'standing' | 'balances' | 'forgetBalances'> {
  const load = balanceLoader(db)
  const all = db.prepare<[number], Omit<KeptBalance, 'owner'> & { owner: string }>(
    'SELECT tenant_id AS owner, meter, subject, since, held, spent, seeded FROM balances WHERE since >= ?',
  )
  const forget = db.prepare('DELETE FROM balances WHERE held = 0 AND until <= ?')
  return {
    standing: async (sources) => sources.map((source) => ({ ...idOf(source), ...figuresOf(load(source)) })),
    // What stands there was written from such an id.
    balances: async (since) => all.all(since).map((row) => ({ ...row, owner: row.owner as TenantId | '' })),
    forgetBalances: (until) => whenFree(() => void forget.run(until)),
  }
}

const idOf = ({ owner, meter, subject }: Source) => ({ owner, meter, subject })
const figuresOf = ({ since, held, spent }: Stands) => ({ since, held, spent })
