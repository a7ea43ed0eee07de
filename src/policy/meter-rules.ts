import type { Count, Decimal, Fee, MeterOf, MeterRule, MeterSource } from '../contract/meter.ts'
import { parseDecimal } from '../contract/money.ts'
import type { Plan } from '../contract/plan.ts'
import { compileModels, compileNames } from './pattern-list.ts'
import { spanOf } from './spans.ts'

const ONE = 1_000

/** The short form: of the platform's money, and refused at its end. */
export function budgetRule({ nano, per }: NonNullable<Plan['budget']>, of: MeterOf = { kind: 'tenant' }): MeterRule {
  return {
    ...{ name: 'budget', count: 'usd', of, payer: 'platform', per, atEnd: 'refuse' },
    ...{ span: { kind: per }, next: undefined, fee: undefined, percents: SHARES, seeded: of.kind === 'tenant' },
    ...{ allowFor: () => nano, covers: () => true, weightOf: () => ONE },
  }
}

/** Shares of a budget that somebody should hear of. */
const SHARES = [50, 80, 90, 100]

/** What a plan counts by: its budget, and those of its meters that no other one leads to. */
export function compileMeters({ budget, meters }: Pick<Plan, 'budget' | 'meters'>): readonly MeterRule[] {
  const overflows = new Set(meters.flatMap(({ then }) => (typeof then === 'object' && 'meter' in then ? [then.meter] : [])))
  const heads = meters.filter(({ name }) => !overflows.has(name)).map((meter) => compile(meter, meters))
  return budget ? [budgetRule(budget), ...heads] : heads
}

/** Users or tags, here or where what is beyond is counted. */
export function tellsApart({ of, next }: MeterRule): boolean {
  return of.kind === 'user' || of.kind === 'tag' || (next !== undefined && tellsApart(next))
}

function compile(source: MeterSource, all: readonly MeterSource[]): MeterRule {
  const { name, count, per, then = 'refuse', models, endpoints, at_percent: percents = [100] } = source
  const led = typeof then === 'object' && 'meter' in then ? all.find((other) => other.name === then.meter) : undefined
  const [allowsModel, allowsEndpoint] = [models && compileModels(models), endpoints && compileNames(endpoints)]
  return {
    ...{ name, count, per, percents },
    of: ofWhom(source.of ?? 'tenant'),
    payer: source.payer ?? (count === 'usd' ? 'platform' : 'any'),
    // Checked when it was read.
    span: spanOf(per) ?? { kind: 'total' },
    atEnd: typeof then === 'object' && 'meter' in then ? 'refuse' : then,
    next: led && compile(led, all),
    fee: feeOf(source.charge),
    seeded: false,
    allowFor: allowances(source),
    covers: (names, endpoint) => (allowsModel?.(names) ?? true) && (allowsEndpoint?.(endpoint) ?? true),
    weightOf: weights(source.weigh),
  }
}

function ofWhom(written: string): MeterOf {
  if (written.startsWith('tag:')) return { kind: 'tag', tag: written.slice(4) }
  return { kind: OF.find((kind) => kind === written) ?? 'tenant' }
}

const OF = ['tenant', 'user', 'key', 'plan'] as const

function allowances({ allow, count }: MeterSource): MeterRule['allowFor'] {
  const exact = (written: Decimal) => (written === 'none' ? null : (parseDecimal(String(written), PLACES[count] ?? 3) ?? 0))
  if (typeof allow !== 'object') {
    const one = exact(allow)
    return () => one
  }
  const each = new Map(Object.entries(allow).map(([subject, written]) => [subject, exact(written)]))
  const rest = each.get('*') ?? 0
  return (subject) => each.get(subject) ?? (each.has(subject) ? null : rest)
}

/** Decimals of an amount; three where none are given. */
const PLACES: { readonly [Name in Count]?: number } = { usd: 9 }

function weights(weigh: MeterSource['weigh']): MeterRule['weightOf'] {
  if (!weigh) return () => ONE
  const rows = Object.entries(weigh).map(([pattern, weight]) => ({
    matches: compileModels([pattern]),
    weight: parseDecimal(String(weight), 3) ?? ONE,
  }))
  return (names) => rows.find(({ matches }) => matches(names))?.weight ?? ONE
}

function feeOf(charge: MeterSource['charge']): Fee | undefined {
  if (!charge) return undefined
  return 'usd' in charge ? { pico: parseDecimal(String(charge.usd), 12) ?? 0 } : { percent: parseDecimal(String(charge.percent), 3) ?? 0 }
}
