import { z } from 'zod'
import { asking, to } from './api.ts'
import { diagnosis, diagnosisText } from './diagnosis.ts'
import { migrate, seal } from './provider-key-rows.ts'
import { type Paint, table } from './table.ts'
import { ask, type Noun, told } from './verb.ts'

export const providerKeys: Noun = {
  name: 'provider-keys',
  does: "the tenants' own keys of providers",
  verbs: [
    {
      use: 'set <tenant> <provider>',
      does: 'store a key, sealed; it comes from standard input, or is typed unseen. JSON, {"key":"…",…}, gives several fields, and {"keys":[{"key":"…","weight":2},…]} several keys',
      options: [
        { flags: '--region <region>', means: "one of the vendor's other sites, which take other keys" },
        { flags: '--endpoint <url>', means: "the tenant's own address, for providers listed in tenant_endpoints" },
      ],
      examples: [
        'provider-keys set brennan minimax < key.txt',
        'provider-keys set acme zai --region cn',
        'provider-keys set acme azure < key-and-resource.json',
      ],
      run: async ({ api, args: [tenant = '', provider = ''], text, terminal }) => {
        const given = (await terminal.secret(`key of ${tenant} for ${provider}`)).reveal()
        const [region, endpoint] = [text('region'), text('endpoint')]
        const body = { ...partsOf(given), ...(region !== undefined && { region }), ...(endpoint !== undefined && { endpoint }) }
        const stored = await ask(api, { ...to`PUT /tenants/${tenant}/provider-keys/${provider}`, body }, keyStatus)
        return told(stored, said)
      },
    },
    {
      use: 'list <tenant>',
      does: "list a tenant's keys: under which name each was found, never a key",
      examples: ['provider-keys list brennan'],
      run: async ({ api, args: [tenant = ''], paint }) =>
        told(await ask(api, to`GET /tenants/${tenant}/provider-keys`, keyList), (list) => listed(list, paint)),
    },
    {
      use: 'test <tenant> <provider>',
      does: "ask the provider whether a tenant's key is good",
      examples: ['provider-keys test brennan minimax'],
      run: async ({ api, args: [tenant = '', provider = ''] }) => {
        const tested = await ask(api, to`POST /tenants/${tenant}/provider-keys/${provider}/test`, testedKey)
        const { verdict, words } = tested.value
        const says = words ? `: "${words}"` : ''
        return { ...told(tested, () => `${VERDICTS[verdict] ?? verdict}${says}`), wrong: verdict !== 'good' }
      },
    },
    {
      use: 'diagnose <tenant> <provider>',
      does: 'answer "it works on the provider\'s site": the rows, the text of the key, the cheapest call at each site, a verdict',
      examples: ['provider-keys diagnose brennan minimax'],
      run: async ({ api, args: [tenant = '', provider = ''], paint }) => {
        const answer = await ask(api, to`POST /tenants/${tenant}/provider-keys/${provider}/diagnose`, diagnosis)
        return { ...told(answer, (found) => diagnosisText(found, paint)), wrong: answer.value.verdict !== 'good' }
      },
    },
    {
      use: 'remove <tenant> <provider>',
      does: 'remove the key under every name it may lie under, so that no old row comes alive again',
      options: [{ flags: '--dry-run', means: 'only say which rows would go' }],
      examples: ['provider-keys remove brennan minimax --dry-run', 'provider-keys remove brennan minimax'],
      run: async ({ api, args: [tenant = '', provider = ''], on }) => {
        const dry = on('dry-run')
        const request = asking(to`DELETE /tenants/${tenant}/provider-keys/${provider}`, { dry_run: dry ? 'true' : undefined })
        return told(await ask(api, request, removedRows), ({ removed }) => {
          if (removed.length === 0) return `There is no row to remove.`
          return `${dry ? 'Would remove' : 'Removed'} ${removed.join(', ')}.`
        })
      },
    },
    migrate,
    seal,
  ],
}

const keyStatus = z.object({
  provider: z.string(),
  setting_key: z.string().nullish(),
  via: z.string().nullish(),
  last4: z.string().nullish(),
  fingerprint: z.string().nullish(),
  status: z.string(),
  form: z.string().nullish(),
  trouble: z.string().nullish(),
  fields: z.record(z.string(), z.string()).nullish(),
  shadows: z.array(z.string()).nullish(),
  notes: z.array(z.string()).nullish(),
  updated_at: z.string().nullish(),
  keys: z.array(z.object({ last4: z.string().nullish(), status: z.string(), weight: z.number(), trouble: z.string().nullish() })).nullish(),
})
const keyList = z.object({
  data: z.array(keyStatus),
  unclaimed: z.array(z.object({ setting_key: z.string(), because: z.string().nullish() })).nullish(),
})
const testedKey = z.object({ verdict: z.string(), words: z.string().nullish() })
const removedRows = z.object({ removed: z.array(z.string()) })

/** What is JSON by its first character is fields: no key begins with a brace. */
function partsOf(text: string): { key: string } | { fields: unknown } | { keys: unknown } {
  if (!text.trimStart().startsWith('{')) return { key: text }
  try {
    const given = Object(JSON.parse(text))
    return 'keys' in given ? given : { fields: given }
  } catch {
    return { key: text }
  }
}

function said({ provider, setting_key, last4, fields, shadows, notes, keys }: z.infer<typeof keyStatus>): string {
  const led = leading(fields)
  const leads = led === '' ? '' : ` It leads to ${led}.`
  const hidden = shadows && shadows.length > 0 ? ` It comes before ${shadows.join(', ')}, which no longer count.` : ''
  const what =
    keys && keys.length > 0 ? `The ${keys.length} keys for ${provider} are` : `The key for ${provider}${last4 ? ` (…${last4})` : ''} is`
  const words = [`${what} sealed in ${setting_key}.${leads}${hidden}`, ...(notes ?? [])]
  return words.join('\n')
}

/** Where a key leads: `region cn`. */
const leading = (fields: Readonly<Record<string, string>> | null | undefined): string =>
  Object.entries(fields ?? {})
    .map(([name, value]) => `${name} ${value}`)
    .join(', ')

function listed({ data, unclaimed }: z.infer<typeof keyList>, paint: Paint): string {
  const rows = data.map((key) => [
    key.provider,
    key.setting_key,
    key.via,
    key.last4 ?? key.keys?.map(({ last4, weight }) => `${last4 ?? '????'}×${weight}`).join(' '),
    key.keys?.length ? key.keys.map(({ status }) => status).join(' ') : key.status,
    key.form,
    leading(key.fields),
    key.shadows?.join(' '),
    key.updated_at,
  ])
  const own =
    rows.length === 0
      ? 'No key of its own.'
      : table(['provider', 'setting key', 'via', 'last4', 'status', 'lies', 'leads to', 'shadows', 'updated'], rows, paint)
  const troubles = data.flatMap(({ provider, trouble, keys }) =>
    [trouble, ...(keys ?? []).map((key) => key.trouble)].flatMap((one) => (one ? [`${provider}: ${one}`] : [])),
  )
  const others = (unclaimed ?? []).map(({ setting_key, because }) => `No provider looks at ${setting_key}.${because ? ` ${because}` : ''}`)
  return [own, ...troubles, ...others].join('\n')
}

const VERDICTS: Readonly<Record<string, string>> = {
  good: 'The provider accepts this key.',
  bad: 'The provider refuses this key',
  unknown: 'The provider says nothing about this key',
}
