import type { LimitRefusal, Metered } from '../contract/decision.ts'
import type { Count, Draw, MeterRule } from '../contract/meter.ts'
import { dollarsOf } from '../contract/money.ts'
import type { Place } from './metered.ts'
import { seconds } from './seconds.ts'

interface Refused {
  readonly place: Place
  readonly draw: Draw
  readonly asked: Metered
  readonly now: number
  /** When the last of its sources begins anew; null: never. */
  readonly until: number | null
}

/** What is left of all sources of a draw, and what is spent of the last. */
interface Stands {
  readonly left: number
  readonly spent: number
}

/** Why a request does not fit, in figures. */
export function refusalOf({ place, draw, asked, now, until }: Refused, { left, spent }: Stands): LimitRefusal {
  const rule = lastOf(place.rule)
  const last = draw.sources[draw.sources.length - 1] ?? draw.sources[0]
  const allow = last.allow ?? 0
  const whole = draw.sources.reduce((sum, source) => sum + (source.allow ?? 0), 0)
  const told = { ...holderOf(rule, asked), allowed: `${amountOf(rule.count, allow)} ${perOf(rule)}`, ...insteadOf(rule) }
  const needs = amountOf(rule.count, draw.bound)
  if (whole > 0 && draw.bound > whole) return { code: 'request_exceeds_limit', ...told, used: needs, needs }
  const ends = until !== null && allow > 0 && { retryAfter: seconds(until - now), renews: new Date(until).toISOString() }
  const room = { used: amountOf(rule.count, spent), left: amountOf(rule.count, left), ...(left > 0 && { needs }) }
  return { code: rule.per === 'minute' ? 'rate_limit_exceeded' : 'budget_exceeded', ...told, ...room, ...ends }
}

const lastOf = (rule: MeterRule): MeterRule => (rule.next ? lastOf(rule.next) : rule)

/** Whose it is, and under which key of the plan it stands, if under any. */
function holderOf(rule: MeterRule, { caller, ask, offer: { credential } }: Metered): Pick<LimitRefusal, 'limit' | 'of' | 'last4' | 'key'> {
  const { kind } = rule.of
  if (kind === 'provider_key') return { limit: 'budget', of: kind, last4: credential.last4 ?? credential.fingerprint ?? '' }
  if (rule.name === 'budget') return kind === 'key' ? { limit: 'budget', of: kind } : { limit: 'budget', key: 'budget' }
  const whose = { user: ask.by?.user, key: caller.key.name ?? caller.key.id, tag: ask.by?.tags.find((tag) => isOf(rule, tag)) }
  const subject = kind === 'user' || kind === 'key' || kind === 'tag' ? ` of ${kind} ${whose[kind] ?? 'nobody'}` : ''
  return { limit: `meter ${rule.name}${subject}`, key: 'meters' }
}

const isOf = ({ of }: MeterRule, tag: string): boolean => of.kind === 'tag' && tag.startsWith(`${of.tag}:`)

const insteadOf = ({ atEnd }: MeterRule): Pick<LimitRefusal, 'instead'> => (typeof atEnd === 'object' ? { instead: atEnd.model } : {})

/** `0.7 USD`, `1.5 requests`. */
export function amountOf(count: Count, amount: number): string {
  if (count === 'usd') return `${dollarsOf(amount)} USD`
  return `${Number.isFinite(amount) ? amount / 1_000 : 'any'} ${NOUNS[count]}`
}

const NOUNS: { readonly [Name in Exclude<Count, 'usd'>]: string } = {
  ...{ requests: 'requests', tokens: 'tokens', input: 'input tokens', output: 'output tokens' },
  ...{ images: 'images', seconds: 'seconds', searches: 'searches' },
}

function perOf({ span, per }: MeterRule): string {
  if (span.kind === 'total') return 'in total'
  if (span.kind === 'rolling' && per !== 'minute') return `in ${per}`
  return span.kind === 'hour' ? 'an hour' : `a ${per === 'cycle' ? 'billing cycle' : per}`
}
