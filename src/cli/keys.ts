import { z } from 'zod'
import { asking, Misused, type Request, to } from './api.ts'
import { facts, type Paint, table } from './table.ts'
import { ask, type Call, listOf, type Noun, type Option, told } from './verb.ts'

const WHOSE: readonly Option[] = [
  { flags: '--tenant <tenant>', means: 'of this tenant, by slug or id' },
  { flags: '--service', means: "the app's backend, which names the tenant it acts for" },
  { flags: '--admin', means: 'an operator' },
]

export const keys: Noun = {
  name: 'keys',
  does: 'gateway keys: who may call',
  verbs: [
    {
      use: 'create',
      does: 'make a gateway key; it is printed once',
      options: [
        ...WHOSE,
        { flags: '--tenants <list>', means: 'of a service key: slugs or ids with commas, or "*" for all' },
        { flags: '--scopes <list>', means: 'of an admin key, or a service key that manages provider keys' },
        { flags: '--name <name>', means: 'to know it by' },
        { flags: '--expires-at <time>', means: 'e.g. 2027-01-31T00:00:00Z' },
        { flags: '--models <list>', means: 'only these: tiers, ids, globs' },
        { flags: '--endpoints <list>', means: 'only these, e.g. chat,embeddings' },
        { flags: '--allow-ips <list>', means: 'only from these addresses or ranges' },
      ],
      examples: [
        'keys create --tenant acme',
        'keys create --service --tenants "*" --name backend',
        'keys create --admin --scopes tenants,keys --name onboarding',
      ],
      run: async (call) => {
        const made = await ask(call.api, { ...whose(call, 'POST'), body: wishes(call) }, mintedKey)
        return told(made, ({ id, key }) => `${key}\n\nThis is key ${id}, shown this once: it cannot be read again, only replaced.`)
      },
    },
    {
      use: 'list',
      does: 'list keys, never their secrets: all, or of one tenant or kind',
      options: [...WHOSE, { flags: '--cursor <cursor>', means: 'go on where the page before ended' }],
      examples: ['keys list', 'keys list --tenant acme', 'keys list --admin'],
      run: async (call) => {
        const page = await ask(call.api, asking(whose(call, 'GET'), { cursor: call.text('cursor') }), keyPage)
        return told(page, (shown) => listed(shown, call.paint))
      },
    },
    {
      use: 'revoke <id>',
      does: 'refuse a key from now on',
      examples: ['keys revoke 7GhT0pQ2xZ'],
      run: async ({ api, args: [id = ''] }) =>
        told(await ask(api, to`DELETE /keys/${id}`, gatewayKey), (key) => `Key ${key.id} is revoked since ${key.revoked_at}.`),
    },
    {
      use: 'rotate <id>',
      does: 'make a key with the same rights, and let the old one lapse after the overlap',
      options: [{ flags: '--overlap <time>', means: 'how long both are good, e.g. 30m, 24h, 7d; 24h where not given' }],
      examples: ['keys rotate 7GhT0pQ2xZ --overlap 24h'],
      run: async ({ api, args: [id = ''], text }) => {
        const overlap = text('overlap') ?? '24h'
        const made = await ask(api, { ...to`POST /keys/${id}/rotate`, body: { overlap } }, mintedKey)
        return told(made, (key) => `${key.key}\n\nThis is key ${key.id}, shown this once. Key ${id} is good for ${overlap} more.`)
      },
    },
    {
      use: 'identify',
      does: 'say whose key this is; the key comes from standard input',
      examples: ['keys identify < found-key.txt'],
      run: async ({ api, terminal, paint }) => {
        const key = (await terminal.secret('gateway key')).reveal()
        return told(await ask(api, { ...to`POST /keys/identify`, body: { key } }, gatewayKey), (found) => identified(found, paint))
      },
    },
  ],
}

const gatewayKey = z.object({
  id: z.string(),
  kind: z.string(),
  name: z.string().nullish(),
  status: z.string(),
  tenant: z.string().nullish(),
  tenants: z.array(z.string()).nullish(),
  scopes: z.array(z.string()).nullish(),
  expires_at: z.string().nullish(),
  revoked_at: z.string().nullish(),
  created_at: z.string().nullish(),
})
const mintedKey = gatewayKey.extend({ key: z.string() })
const keyPage = z.object({ data: z.array(gatewayKey), next_cursor: z.string().nullish() })

type GatewayKey = z.infer<typeof gatewayKey>

/** The list that the options name. A new key needs one; a listing without shows all. */
function whose({ text, on }: Call, method: 'POST' | 'GET'): Request {
  const tenant = text('tenant')
  const named = [tenant !== undefined, on('service'), on('admin')].filter(Boolean).length
  if (named > 1 || (named === 0 && method === 'POST')) throw new Misused('Say whose key: one of --tenant <tenant>, --service and --admin.')
  if (tenant !== undefined) return { ...to`- /tenants/${tenant}/keys`, method }
  if (on('service')) return { ...to`- /service-keys`, method }
  return { ...(on('admin') ? to`- /admin-keys` : to`- /keys`), method }
}

const NO_TENANTS = 'Say for which tenants a service key may act: --tenants acme,brennan or --tenants "*".'
const NO_SCOPES = 'Say what an admin key may do: --scopes tenants,keys,provider_keys,usage:read,audit:read,config,metrics.'

function wishes({ text, on }: Call): object {
  if (on('service') && text('tenants') === undefined) throw new Misused(NO_TENANTS)
  if (on('admin') && text('scopes') === undefined) throw new Misused(NO_SCOPES)
  return {
    name: text('name'),
    expires_at: text('expires-at'),
    tenants: listOf(text('tenants')),
    scopes: listOf(text('scopes')),
    models: listOf(text('models')),
    endpoints: listOf(text('endpoints')),
    allow_ips: listOf(text('allow-ips')),
  }
}

function listed({ data, next_cursor: next }: z.infer<typeof keyPage>, paint: Paint): string {
  if (data.length === 0) return 'There is no key.'
  const rows = data.map((key) => [key.id, key.kind, key.name, key.status, actsFor(key), key.scopes?.join(' '), key.expires_at])
  const more = next ? `\n\nMore: add --cursor ${next}` : ''
  return table(['id', 'kind', 'name', 'status', 'for', 'scopes', 'expires'], rows, paint) + more
}

function identified(key: GatewayKey, paint: Paint): string {
  const pairs = [
    ['id', key.id],
    ['kind', key.kind],
    ['name', key.name],
    ['status', key.status],
    ['for', actsFor(key)],
    ['scopes', key.scopes?.join(' ')],
    ['created', key.created_at],
  ] as const
  return facts(pairs, paint)
}

const actsFor = ({ tenant, tenants }: GatewayKey): string | undefined => tenant ?? tenants?.join(' ')
