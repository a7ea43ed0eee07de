import { z } from 'zod'
import { to } from './api.ts'
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
          const rows = data.map(({ id, name, dialect, base_url, api_key_env, legacy_ids, health }) => [
            id,
            name,
            dialect,
            base_url,
            api_key_env,
            legacy_ids.join(' '),
            health.map(troubleOf).join('; '),
          ])
          return table(['id', 'name', 'dialect', 'base url', 'key', 'former ids', 'trouble'], rows, paint)
        }),
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
