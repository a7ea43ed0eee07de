import { z } from 'zod'
import type { AttemptRow } from '../contract/ledger.ts'
import type { Trace } from '../contract/trace.ts'
import { type Attempts, explainBooked, type Remembered } from '../desk/requests.ts'
import { type Audience, type Explanation, explain } from '../explain/explain.ts'
import { seesDigits } from './requests.ts'

const attempt = z.strictObject({
  attempt: z.int(),
  provider: z.string(),
  model: z.string(),
  source: z.string(),
  via: z.string().nullable(),
  fingerprint: z.string().nullable().optional(),
  code: z.string().nullable().meta({ description: '`ok`, or how it failed; null while it runs.' }),
  status: z.int().nullable(),
  first_byte_ms: z.number().nullable(),
  total_ms: z.number().nullable(),
})

export const decisionAnswer = z.strictObject({
  request_id: z.string(),
  kept: z.enum(['memory', 'books']).meta({
    description: 'Where this is from: the memory of the process that answered, for an hour at most; or the books, which outlive it.',
  }),
  verdict: z.enum(['allowed', 'refused']),
  status: z.int().nullable(),
  code: z.string().nullable(),
  because: z.string(),
  plan: z.string(),
  model: z.string(),
  config: z.string(),
  offers: z.array(attempt.pick({ provider: true, model: true, source: true, via: true, fingerprint: true })),
  attempts: z.array(attempt),
  decision: z
    .looseObject({ verdict: z.string(), because: z.string() })
    .nullable()
    .meta({ description: 'As explain tells it, of what was looked at then; null once only the books know of the request.' }),
})

interface Reader {
  readonly id: string
  /** The tenant's. */
  readonly slug: string
  readonly audience: Audience
}

export function showRemembered({ trace, booked }: Remembered, reader: Reader): z.input<typeof decisionAnswer> {
  const decision = trace ? explainTrace(trace, reader.audience) : null
  const attempts = booked?.map((row) => showAttempt(row, reader)) ?? []
  const kept = trace ? 'memory' : 'books'
  const common = { request_id: reader.id, kept, attempts, decision: decision && { ...decision } } as const
  if (booked) return { ...common, ...bookedPart(booked, reader) }
  const { verdict = 'refused', status = null, code = null, because = '', fix = '', plan = '', model = '', config = '' } = decision ?? {}
  return { ...common, verdict, status, code, because: fix ? `${because} ${fix}` : because, plan, model, config, offers: [] }
}

function explainTrace({ decision, caller, ask, config }: Trace, audience: Audience): Explanation & { unjudged: number } {
  return { ...explain(decision, { caller, ask, config, audience, limits: {} }), unjudged: decision.unjudged }
}

function bookedPart(rows: Attempts, reader: Reader) {
  const { offers, status, code, ...told } = explainBooked(rows, reader.slug)
  return {
    ...told,
    status: status ?? null,
    code: code ?? null,
    offers: offers.map(({ provider, model, source, via, fingerprint }) => ({
      ...{ provider, model, source, via: via ?? null },
      ...digits({ source, fingerprint }, reader),
    })),
  }
}

function showAttempt({ start, outcome }: AttemptRow, reader: Reader): z.input<typeof attempt> {
  const { provider, wireModel: model, source, via = null } = start
  const { firstByte = null, total = null } = outcome?.timings ?? {}
  const code = outcome ? (outcome.code ?? 'ok') : null
  const ended = { code, status: outcome?.status ?? null, first_byte_ms: firstByte, total_ms: total }
  return { attempt: start.attempt, provider, model, source, via, ...digits(start, reader), ...ended }
}

const digits = ({ source, fingerprint }: { source: string; fingerprint: string | undefined }, { audience }: Reader) =>
  seesDigits({ source }, audience) ? { fingerprint: fingerprint ?? null } : {}
