import { z } from 'zod'
import { asking, to } from './api.ts'
import { exportTenant } from './export.ts'
import { facts, table } from './table.ts'
import { ask, type Call, type Noun, type Outcome, told } from './verb.ts'

export const tenants: Noun = {
  name: 'tenants',
  does: 'the customers of the product',
  verbs: [
    {
      use: 'create <slug>',
      does: 'make a tenant',
      options: [
        { flags: '--plan <plan>', means: 'its plan, as plans.yaml names it', required: true },
        { flags: '--id <id>', means: 'your own id for it; made where not given' },
        { flags: '--name <name>', means: 'as people call it' },
      ],
      examples: ['tenants create acme --plan team', 'tenants create acme --plan pro --id cus_9f2 --name "Acme Ltd"'],
      run: async ({ api, args: [slug], text }) => {
        const body = { slug, plan: text('plan'), id: text('id'), name: text('name') }
        const made = await ask(api, { ...to`POST /tenants`, body }, tenant)
        return told(
          made,
          ({ slug, plan, id }) => `Tenant ${slug} (${id}) is made, on plan ${plan}. Next: tollgate keys create --tenant ${slug}`,
        )
      },
    },
    {
      use: 'list',
      does: 'list tenants by slug',
      options: [
        { flags: '--q <text>', means: 'only those with this in their slug, name or id' },
        { flags: '--plan <plan>', means: 'only those on this plan' },
        { flags: '--limit <n>', means: 'at most so many' },
        { flags: '--cursor <cursor>', means: 'go on where the page before ended' },
      ],
      examples: ['tenants list', 'tenants list --plan team --q acme'],
      run: async ({ api, text, paint }) => {
        const query = { q: text('q'), plan: text('plan'), limit: text('limit'), cursor: text('cursor') }
        const page = await ask(api, asking(to`GET /tenants`, query), tenantPage)
        return told(page, ({ data, next_cursor: next }) => {
          const rows = data.map(({ slug, name, plan, status, created_at }) => [slug, name, plan, status, created_at])
          const more = next ? `\n\nMore: add --cursor ${next}` : ''
          return rows.length === 0 ? 'No tenant fits.' : table(['slug', 'name', 'plan', 'status', 'created'], rows, paint) + more
        })
      },
    },
    {
      use: 'show <tenant>',
      does: 'show one tenant, by slug or id',
      examples: ['tenants show acme'],
      run: async ({ api, args: [name = ''], paint }) => {
        const found = await ask(api, to`GET /tenants/${name}`, tenant)
        return told(found, ({ overrides, ...known }) => {
          const pairs = Object.entries({ ...known, overrides: overrides ? JSON.stringify(overrides) : 'none' })
          return facts(pairs, paint)
        })
      },
    },
    {
      use: 'set-plan <tenant> <plan>',
      does: 'put a tenant on another plan',
      examples: ['tenants set-plan acme pro'],
      run: (call) => change(call, { plan: call.args[1] }, ({ slug, plan }) => `Tenant ${slug} is on plan ${plan} from now on.`),
    },
    {
      use: 'suspend <tenant>',
      does: 'refuse all requests of a tenant; nothing of it is deleted',
      examples: ['tenants suspend acme'],
      run: (call) => change(call, { status: 'suspended' }, ({ slug }) => `Tenant ${slug} is suspended: its requests are refused.`),
    },
    {
      use: 'resume <tenant>',
      does: 'serve a suspended tenant again',
      examples: ['tenants resume acme'],
      run: (call) => change(call, { status: 'active' }, ({ slug }) => `Tenant ${slug} is served again.`),
    },
    exportTenant,
    {
      use: 'delete <tenant>',
      does: 'delete a tenant with its keys and settings',
      options: [
        { flags: '--erase', means: 'destroy its data key too, take its name and its users out of all that stays, and print a receipt' },
      ],
      examples: ['tenants delete acme', 'tenants delete acme --erase'],
      run: async ({ api, args: [name = ''], on, paint }) => {
        const gone = await ask(api, asking(to`DELETE /tenants/${name}`, { erase: on('erase') ? 'true' : undefined }), deletion)
        return told(gone, ({ id, receipt }) => {
          if (!receipt) return `Tenant ${name} is deleted. Its rows in the books stay.`
          const rows = receipt.map(({ table, removed, pseudonymised, kept }) => [table, removed, pseudonymised, kept])
          const said = `Tenant ${name} is erased, and its data key destroyed. Its rows in the books stay, under the id ${id} alone.`
          return `${said}\n\n${table(['table', 'removed', 'pseudonymised', 'kept'], rows, paint)}`
        })
      },
    },
  ],
}

const tenant = z.object({
  slug: z.string(),
  id: z.string(),
  name: z.string().nullish(),
  plan: z.string(),
  status: z.string(),
  overrides: z.unknown(),
  created_at: z.string().nullish(),
})

const deletion = z.object({
  id: z.string(),
  receipt: z.array(z.object({ table: z.string(), removed: z.number(), pseudonymised: z.number(), kept: z.number() })).nullish(),
})

type Tenant = z.infer<typeof tenant>

const tenantPage = z.object({ data: z.array(tenant), next_cursor: z.string().nullish() })

async function change({ api, args: [name = ''] }: Call, body: object, say: (tenant: Tenant) => string): Promise<Outcome> {
  return told(await ask(api, { ...to`PATCH /tenants/${name}`, body }, tenant), say)
}
