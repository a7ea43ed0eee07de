import { z } from 'zod'
import { type Api, asking, to } from './api.ts'
import { ask, type Verb } from './verb.ts'

/** Rows to their present names. */
export const migrate: Verb = {
  use: 'migrate [tenant]',
  does: 'move keys under former names to their present ones, for one tenant or all; what is sealed stays sealed',
  options: [{ flags: '--dry-run', means: 'only say which rows would move' }],
  examples: ['provider-keys migrate --dry-run', 'provider-keys migrate brennan'],
  run: async ({ api, args: [tenant], on }) => {
    const dry = on('dry-run')
    const results = await forEach(api, tenant, (slug) =>
      ask(api, asking(to`POST /tenants/${slug}/provider-keys/migrate`, { dry_run: dry ? 'true' : undefined }), migration),
    )
    const lines = results.flatMap(({ tenant, value: { moves, kept } }) => [
      ...moves.map(({ from, to }) => `${tenant}: ${from} ${dry ? 'would move' : 'moved'} to ${to}.`),
      ...(kept ?? []).map((key) => `${tenant}: ${key} stays, since two providers use different rows of this group.`),
    ])
    return { json: jsonOf(tenant, results), text: lines.length > 0 ? lines.join('\n') : 'Every key lies under its present name.' }
  },
}

/** Plain values under our seal. */
export const seal: Verb = {
  use: 'seal [tenant]',
  does: 'seal the keys that lie in the database as plain text, for one tenant or all',
  examples: ['provider-keys seal', 'provider-keys seal brennan'],
  run: async ({ api, args: [tenant] }) => {
    const results = await forEach(api, tenant, (slug) => ask(api, to`POST /tenants/${slug}/provider-keys/seal`, sealing))
    const lines = results.flatMap(({ tenant, value: { sealed } }) => (sealed.length > 0 ? [`${tenant}: sealed ${sealed.join(', ')}.`] : []))
    return { json: jsonOf(tenant, results), text: lines.length > 0 ? lines.join('\n') : 'Nothing lay unsealed.' }
  },
}

const migration = z.object({
  moves: z.array(z.object({ from: z.string(), to: z.string() })),
  kept: z.array(z.string()).nullish(),
})
const sealing = z.object({ sealed: z.array(z.string()) })
const page = z.object({ data: z.array(z.object({ slug: z.string() })), next_cursor: z.string().nullish() })

interface Done<T> {
  readonly tenant: string
  readonly json: unknown
  readonly value: T
}

/** The one tenant, or every one in turn. */
async function forEach<T>(
  api: Api,
  tenant: string | undefined,
  work: (slug: string) => Promise<Omit<Done<T>, 'tenant'>>,
): Promise<Done<T>[]> {
  const done: Done<T>[] = []
  for await (const slug of tenant === undefined ? everyTenant(api) : [tenant]) done.push({ tenant: slug, ...(await work(slug)) })
  return done
}

async function* everyTenant(api: Api): AsyncIterable<string> {
  let cursor: string | undefined
  do {
    const { value } = await ask(api, asking(to`GET /tenants`, { limit: '1000', cursor }), page)
    for (const { slug } of value.data) yield slug
    cursor = value.next_cursor ?? undefined
  } while (cursor !== undefined)
}

/** Of one tenant the API's answer as it is; of all, one entry for each. */
function jsonOf(tenant: string | undefined, results: readonly Done<unknown>[]): unknown {
  if (tenant !== undefined) return results[0]?.json
  return { data: results.map((result) => ({ tenant: result.tenant, ...Object(result.json) })) }
}
