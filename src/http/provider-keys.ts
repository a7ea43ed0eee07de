import { z } from 'zod'
import type { KeyStatus, StoredKey, TestedKey } from '../desk/provider-keys.ts'
import { keyBudget, limitsAnswer } from './key-limits.ts'

/** A tenant's key for one provider, as operators and the tenant itself are shown it: never the key. */
export const providerKeyAnswer = z.strictObject({
  provider: z.string(),
  setting_key: z.string().nullable(),
  via: z.enum(['canonical', 'alias', 'legacy', 'shared', 'platform']).nullable(),
  last4: z.string().nullable(),
  fingerprint: z.string().nullable().meta({ description: 'Tells two keys apart and nothing more.' }),
  status: z.enum(['usable', 'invalid', 'unreadable', 'missing']),
  form: z.enum(['sealed', 'plain', 'foreign']).nullable().meta({ description: 'How the value lies in the table.' }),
  trouble: z.string().nullable(),
  fields: z.record(z.string(), z.string()).meta({ description: 'Where the key leads, e.g. its region: the parts that are no secret.' }),
  shadows: z.array(z.string()).meta({ description: 'Rows that are there and do not count.' }),
  updated_at: z.string().nullable(),
  keys: z
    .array(
      z.strictObject({
        last4: z.string().nullable(),
        fingerprint: z.string().nullable(),
        status: z.enum(['usable', 'invalid', 'unreadable']),
        trouble: z.string().nullable(),
        weight: z.number(),
        models: z.array(z.string()).nullable(),
        limits: limitsAnswer,
      }),
    )
    .meta({ description: 'Each key, where several lie in this row; else empty.' }),
})

export const storedAnswer = providerKeyAnswer.extend({ notes: z.array(z.string()) })

export const removedAnswer = z.strictObject({ provider: z.string(), removed: z.array(z.string()), dry_run: z.boolean() })

export const testedAnswer = providerKeyAnswer.extend({
  verdict: z.enum(['good', 'bad', 'unknown', 'unreadable']),
  upstream_status: z.int().nullable(),
  words: z.string().nullable().meta({ description: "The provider's own, redacted." }),
  took_ms: z.int().nullable(),
})

const text = z.string().min(1).max(16_384)

const fields = z.record(z.string().regex(/^[a-z][a-z0-9_]{0,63}$/), text)
const limit = z.int().min(1)

const pooledKey = z
  .strictObject({
    key: text.optional(),
    fields: fields.optional(),
    weight: z.number().positive().max(1_000).optional().meta({ description: 'How often it is used beside the others; 1 where not given.' }),
    models: z
      .array(z.string().regex(/^!?[^!\s]\S*$/))
      .min(1)
      .optional()
      .meta({ description: 'Tiers, exact ids and globs, as in a plan.' }),
    limits: z
      .strictObject({ rpm: limit.optional(), tpm: limit.optional(), concurrency: limit.optional(), budget: keyBudget.optional() })
      .optional(),
  })
  .refine(({ key, fields }) => (key === undefined) !== (fields === undefined), 'give either "key" or "fields"')

/** `region` and `endpoint` may stand among the fields or beside them. */
export const providerKeyBody = z
  .strictObject({
    key: text.optional(),
    fields: fields.optional(),
    keys: z.array(pooledKey).min(1).max(100).optional().meta({ description: 'Several keys, of which one is used for each request.' }),
    region: z.string().max(64).optional(),
    endpoint: z.string().max(2048).optional(),
  })
  .refine(
    ({ key, fields, keys }) => [key, fields, keys].filter((given) => given !== undefined).length === 1,
    'give one of "key", "fields" and "keys"',
  )

export function showProviderKeyStatus(status: KeyStatus, digits: boolean): z.input<typeof providerKeyAnswer> {
  return {
    provider: status.provider,
    setting_key: status.setting_key ?? null,
    via: status.via ?? null,
    last4: (digits && status.last4) || null,
    fingerprint: (digits && status.fingerprint) || null,
    status: status.status,
    form: status.form ?? null,
    trouble: status.trouble ?? null,
    fields: { ...status.fields },
    shadows: [...status.shadows],
    updated_at: status.updated_at ?? null,
    keys: status.keys.map((key) => ({
      last4: (digits && key.last4) || null,
      fingerprint: (digits && key.fingerprint) || null,
      status: key.status,
      trouble: key.trouble ?? null,
      weight: key.weight,
      models: key.models ? [...key.models] : null,
      limits: key.limits ? { ...key.limits } : null,
    })),
  }
}

export const showStored = ({ status, notes }: StoredKey, digits: boolean): z.input<typeof storedAnswer> => ({
  ...showProviderKeyStatus(status, digits),
  notes: [...notes],
})

export function showTested({ status, probed }: TestedKey, digits: boolean): z.input<typeof testedAnswer> {
  return {
    ...showProviderKeyStatus(status, digits),
    verdict: probed?.verdict ?? 'unreadable',
    upstream_status: probed?.status ?? null,
    words: probed?.words ?? null,
    took_ms: probed ? Math.round(probed.took) : null,
  }
}
