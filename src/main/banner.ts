import type { Provider } from '../contract/provider.ts'
import type { Secret } from '../contract/secret.ts'
import { differingKeys } from '../policy/platform-keys.ts'
import { nameOf } from './database.ts'
import type { FirstRun } from './first-run.ts'
import { type SharedStatus, tellShared } from './shared.ts'
import type { World } from './world.ts'

export interface Started {
  readonly url: string
  readonly readyMs: number
  readonly first: FirstRun
  /** Where the admin key was put, where no terminal could show it. */
  readonly keyFile: string | undefined
  /** What replicas share. */
  readonly shared: SharedStatus | undefined
  readonly notes: readonly string[]
}

/** What an operator sees at the start: what was found, what is odd, and on a first run what to try. */
export function banner(world: World, started: Started): string {
  const { config, plans } = world.configured()
  const rows = [
    [
      'plans',
      plans
        .all()
        .map(({ id }) => id)
        .join(', '),
    ],
    ['config', `${config.settings.configFolder} (${config.hash})`],
    ['store', `${nameOf(config.settings)}; ${count(world.directory.size, 'tenant')}`],
    ...(started.shared ? [['shared', tellShared(started.shared)]] : []),
    ...platformKeys(world).map((row, at) => [at === 0 ? 'platform' : '', row]),
  ]
  const facts = rows.map(([name = '', text = '']) => `  ${name.padEnd(10)}${text}`)
  const odd = [...world.configured().warnings, ...unknownPlans(world), ...differing(world), ...started.notes].map(
    (note) => `  note      ${note}`,
  )
  return [`Tollgate listens on ${started.url} (ready in ${started.readyMs} ms)`, '', ...facts, ...odd, '', ...tryIt(world, started)].join(
    '\n',
  )
}

function platformKeys(world: World): string[] {
  const { registry, plans } = world.configured()
  const seen = new Map<string, string>()
  for (const provider of registry.providers) {
    const spending = plans
      .all()
      .filter((plan) => plan.platform_keys !== 'never' && plan.allowsProvider(provider.id))
      .map(({ id }) => id)
    for (const { name, digits, trouble } of keysSeen(world, provider)) {
      const use = trouble === undefined ? `may be spent by ${spending.join(', ') || 'no plan'}` : `not used: ${trouble}`
      if (!seen.has(name)) seen.set(name, `${name}${digits}, ${use}`)
    }
  }
  return seen.size > 0 ? [...seen.values()] : ["no keys of the platform's own; set e.g. OPENAI_API_KEY to lend one to plans"]
}

/** ` …1234`, or of several keys each. */
function digitsOf(world: World, provider: Provider, key: Secret): string {
  const keys = world.providerKeys().platform(provider)?.pool ?? [key]
  const digits = keys.map(({ last4 }) => last4 ?? '????').map((last4) => `…${last4}`)
  return keys.length > 1 ? ` (${keys.length} keys: ${digits.join(', ')})` : key.last4 === undefined ? '' : ` ${digits[0]}`
}

interface SeenKey {
  readonly name: string
  readonly digits: string
  readonly trouble?: string | undefined
}

/** A key under each name that holds one; of several parts, the one credential that they make. */
function keysSeen(world: World, provider: Provider): SeenKey[] {
  const { registry, config } = world.configured()
  if (provider.credentials) {
    const { settingKey: name, last4, trouble } = world.providerKeys().platform(provider) ?? {}
    return name === undefined ? [] : [{ name, digits: last4 === undefined ? '' : ` …${last4}`, trouble }]
  }
  return registry.platformNames(provider).flatMap((name) => {
    const key = config.settings.platformKey(name)
    return key ? [{ name, digits: digitsOf(world, provider, key) }] : []
  })
}

function unknownPlans(world: World): string[] {
  const { plans } = world.configured()
  const unknown = new Map<string, string[]>()
  for (const tenant of world.directory.tenants()) {
    if (plans.canonical(tenant.plan)) continue
    const slugs = unknown.get(tenant.plan) ?? []
    slugs.push(tenant.slug)
    unknown.set(tenant.plan, slugs)
  }
  return [...unknown].map(
    ([plan, slugs]) =>
      `${count(slugs.length, 'tenant')} on plan ${plan}, which no file defines, and refused: ${slugs.slice(0, 5).join(', ')}`,
  )
}

function differing(world: World): string[] {
  const { registry, config } = world.configured()
  return differingKeys(registry, config.settings.platformKey).map(
    ({ names }) => `${names.join(' and ')} hold different keys of one vendor; ${names[0]} is used`,
  )
}

function tryIt(world: World, { url, first, keyFile }: Started): string[] {
  const lines: string[] = []
  if (first.demo) {
    const { slug, key } = first.demo
    lines.push('Try it. This is answered, by the built-in provider:', '', curl(url, key.reveal(), 'demo/echo'), '')
    lines.push(
      `This is refused, for plan ${world.directory.tenant(slug)?.plan} has no frontier models:`,
      '',
      curl(url, key.reveal(), 'demo/frontier'),
      '',
    )
    if (canExplain(world)) lines.push('And this says why:', '', `npm run -s tollgate -- explain --tenant ${slug} --model demo/frontier`, '')
  }
  if (first.adminKey)
    lines.push(keyFile === undefined ? `Admin key, shown this once: ${first.adminKey.reveal()}` : `The admin key is in ${keyFile}.`, '')
  return lines
}

/** What is in memory the command line cannot open. */
const canExplain = (world: World): boolean => world.configured().config.settings.dataFolder !== undefined

function curl(url: string, key: string, model: string): string {
  const body = JSON.stringify({ model, messages: [{ role: 'user', content: 'Hello, Tollgate!' }] })
  return `curl -s ${url}/v1/chat/completions -H 'authorization: Bearer ${key}' -H 'content-type: application/json' -d '${body}'`
}

const count = (number: number, noun: string): string => `${number} ${noun}${number === 1 ? '' : 's'}`
