import { z } from 'zod'
import { type Paint, table } from './table.ts'

/** What `provider-keys diagnose` reads of the API's answer. */
export const diagnosis = z.object({
  verdict: z.string(),
  because: z.string(),
  fix: z.string(),
  looked_for: z.array(z.object({ setting_key: z.string(), via: z.string(), found: z.boolean(), note: z.string().nullish() })),
  rows: z.array(
    z.object({
      setting_key: z.string().nullish(),
      via: z.string().nullish(),
      status: z.string(),
      form: z.string().nullish(),
      last4: z.string().nullish(),
      updated_at: z.string().nullish(),
    }),
  ),
  oddities: z.array(z.string()),
  calls: z.array(
    z.object({
      region: z.string().nullish(),
      used: z.boolean(),
      base_url: z.string(),
      status: z.number().nullish(),
      verdict: z.string(),
      words: z.string().nullish(),
      took_ms: z.number(),
    }),
  ),
})

export function diagnosisText(found: z.infer<typeof diagnosis>, paint: Paint): string {
  const good = found.verdict === 'good'
  const rows = found.rows.map((row, at) => [
    at === 0 ? 'counts' : 'shadowed',
    row.setting_key,
    row.via,
    row.last4,
    row.status,
    row.form,
    row.updated_at,
  ])
  const absent = found.looked_for.filter((step) => !step.found).map(({ setting_key }) => setting_key)
  const calls = found.calls.map((call) => [
    call.used ? 'used' : '',
    call.region,
    call.base_url,
    call.status,
    call.verdict,
    `${call.took_ms} ms`,
    call.words,
  ])
  return [
    `${good ? paint.good(found.verdict) : paint.bad(found.verdict)}  ${found.because}\n${paint.strong(good ? 'next' : 'fix')}   ${found.fix}`,
    rows.length > 0 ? `Rows\n${table(['', 'setting key', 'via', 'last4', 'status', 'lies', 'updated'], rows, paint)}` : '',
    absent.length > 0 ? `No row at ${absent.join(', ')}` : '',
    found.oddities.length > 0 ? `The text of the key\n${found.oddities.map((words) => `  ${words}`).join('\n')}` : '',
    calls.length > 0
      ? `The cheapest call, at each site\n${table(['', 'region', 'site', 'status', 'key', 'took', 'words'], calls, paint)}`
      : '',
  ]
    .filter((part) => part !== '')
    .join('\n\n')
}
