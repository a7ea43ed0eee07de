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
      does: 'list the providers, where they are and the names their keys may lie under',
      examples: ['providers list'],
      run: async ({ api, paint }) =>
        told(await ask(api, to`GET /providers`, providerList), ({ data }) => {
          const rows = data.map(({ id, name, dialect, base_url, api_key_env, legacy_ids }) => [
            id,
            name,
            dialect,
            base_url,
            api_key_env,
            legacy_ids.join(' '),
          ])
          return table(['id', 'name', 'dialect', 'base url', 'key', 'former ids'], rows, paint)
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
    }),
  ),
})
