import { z } from 'zod'
import { to } from './api.ts'
import { DISABLING, incident, incidentText, spellOf } from './incidents.ts'
import { table } from './table.ts'
import { ask, type Noun, told } from './verb.ts'

export const providers: Noun = {
  name: 'providers',
  does: 'who serves models',
  verbs: [
    {
      use: 'list',
      does: 'list the providers, where they are, the names their keys may lie under and, of a running server (--url), their health',
      examples: ['providers list'],
      run: async ({ api, paint }) =>
        told(await ask(api, to`GET /providers`, providerList), ({ data }) => {
          const rows = data.map(({ id, name, dialect, base_url, api_key_env, legacy_ids, disabled, health }) => [
            id,
            name,
            dialect,
            base_url,
            api_key_env,
            legacy_ids.join(' '),
            [...(disabled ? [`off until ${disabled.until}: ${disabled.reason}`] : []), ...health.map(troubleOf)].join('; '),
          ])
          return table(['id', 'name', 'dialect', 'base url', 'key', 'former ids', 'trouble'], rows, paint)
        }),
    },
    {
      use: 'disable <provider>',
      does: 'send nothing to a provider for a time, on all replicas',
      options: DISABLING,
      examples: ['providers disable acme --for 1h --reason "status page says: degraded"'],
      run: async (call) => {
        const request = { ...to`POST /providers/${call.args[0] ?? ''}/disable`, body: spellOf(call) }
        return told(await ask(call.api, request, incident), incidentText)
      },
    },
    {
      use: 'enable <provider>',
      does: 'send to it again before its time is over',
      examples: ['providers enable acme'],
      run: async ({ api, args: [provider = ''] }) =>
        told(await ask(api, to`POST /providers/${provider}/enable`, incident), ({ subject }) => `${subject} is sent to again.`),
    },
  ],
}

const providerList = z.object({
  data: z.array(
    z.object({
      id: z.string(),
      name: z.string(),
      dialect: z.string(),
      base_url: z.string().nullish(),
      api_key_env: z.string(),
      legacy_ids: z.array(z.string()),
      disabled: incident.nullable(),
      health: z.array(
        z.object({ state: z.string(), source: z.string(), last4: z.string().nullable(), code: z.string(), until: z.string().nullable() }),
      ),
    }),
  ),
})

type Health = z.output<typeof providerList>['data'][number]['health'][number]

/** `down until 12:00:30 (platform …1234, upstream_unreachable)` */
function troubleOf({ state, source, last4, code, until }: Health): string {
  const key = last4 === null ? source : `${source} …${last4}`
  return `${state}${until === null ? '' : ` until ${until.slice(11, 19)}`} (${key}, ${code})`
}
