import { z } from 'zod'
import type { KeyReport } from '../../contract/health.ts'

const moment = z.string().meta({ description: 'RFC 3339.' })

/** How a provider has served one key of late, as this process saw it. */
export const healthAnswer = z.strictObject({
  state: z.enum(['down', 'trying', 'cooling', 'failing']).meta({
    description: 'down: passed over; trying: a request finds out; cooling: it asked for patience; failing: served, and not always well.',
  }),
  source: z.enum(['tenant', 'platform', 'none']),
  tenant: z.string().nullable(),
  setting_key: z.string().nullable(),
  last4: z.string().nullable(),
  fingerprint: z.string().nullable(),
  models: z.array(z.string()),
  code: z.string().meta({ description: 'Of the latest failure.' }),
  failed_at: moment,
  until: moment.nullable(),
})

export function showHealth({ state, source, models, code, failedAt, until, ...key }: KeyReport): z.input<typeof healthAnswer> {
  const { tenant = null, settingKey = null, last4 = null, fingerprint = null } = key
  const at = (ms: number) => new Date(ms).toISOString()
  return {
    ...{ state, source, tenant, last4, fingerprint, code },
    setting_key: settingKey,
    models: models.slice(0, MOST_MODELS),
    failed_at: at(failedAt),
    until: until === undefined ? null : at(until),
  }
}

/** Callers may name any model of a provider. */
const MOST_MODELS = 20
