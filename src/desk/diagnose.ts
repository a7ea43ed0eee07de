import type { Tenant } from '../contract/caller.ts'
import { type Credential, keysOf, type LookedFor } from '../contract/decision.ts'
import type { Gateway } from '../contract/gateway.ts'
import type { Provider } from '../contract/provider.ts'
import { keySource } from '../explain/explain.ts'
import type { KeyStatus } from '../policy/provider-keys.ts'
import { isEnvelope } from '../policy/sealing/envelope.ts'
import { namedRows } from '../policy/setting-rows.ts'
import { type Probed, probe } from '../probe.ts'
import { note } from './audit.ts'
import type { Desk } from './desk.ts'
import { oddities, strangerOf } from './key-text.ts'
import type { Operator } from './operator.ts'

/** The answer to "it works on the provider's site". */
export interface Diagnosis {
  readonly tenant: string
  readonly provider: string
  /** `unclear`: the provider could not be asked, or its answer says nothing about the key. */
  readonly verdict: 'good' | 'bad' | 'missing' | 'unreadable' | 'wrong_vendor' | 'wrong_region' | 'unclear'
  readonly because: string
  readonly fix: string
  readonly looked_for: readonly LookedFor[]
  /** Every row of the walk that is there, in order: the first one counts. */
  readonly rows: readonly KeyStatus[]
  /** What is odd about the text of the key; never the text. */
  readonly oddities: readonly string[]
  readonly calls: readonly SiteCall[]
}

/** The cheapest call at one site of the provider. */
export interface SiteCall {
  /** Null: the site that serves a key without a region, or the tenant's own endpoint. */
  readonly region: string | null
  /** Is this where the tenant's requests go, as the key is stored? */
  readonly used: boolean
  readonly base_url: string
  readonly status: number | null
  readonly verdict: Probed['verdict']
  /** The provider's own, redacted. */
  readonly words: string | null
  readonly took_ms: number
}

/** Looks at the key as it is stored, and asks the provider at each of its sites. What looks like another vendor's key is never sent. */
export async function diagnose(desk: Desk, by: Operator, at: { tenant: Tenant; provider: Provider }): Promise<Diagnosis> {
  const { tenant, provider } = at
  await note(desk, by, { action: 'provider_key.diagnose', tenant: tenant.id, object: `${tenant.slug}/${provider.id}` })
  const { tenant: stored, lookedFor } = desk.providerKeys().walk(tenant, provider)
  // Of several keys, one that is in trouble is what the question is about.
  const credential = stored && (keysOf(stored).find(({ state }) => state !== 'usable') ?? keysOf(stored)[0])
  const text = credential && textOf(desk, tenant, credential)
  const stranger = text === undefined ? undefined : strangerOf(text, provider, desk.rules().registry)
  const calls = credential && credential.state !== 'unreadable' && !stranger ? await callsOf(desk.gateway, provider, credential) : []
  const odd = text === undefined ? [] : oddities(text, provider)
  return {
    tenant: tenant.slug,
    provider: provider.id,
    ...verdictOn({ tenant, provider, credential, stranger, odd, calls }),
    looked_for: lookedFor.filter(({ via }) => via !== 'platform'),
    rows: desk.providerKeys().rows(tenant.id, provider),
    oddities: odd,
    calls,
  }
}

/** The key, or what stands in its place where the vault refuses it: a key with a space inside is refused, and worth a look. */
function textOf({ directory }: Desk, tenant: Tenant, credential: Credential): string | undefined {
  if (credential.state !== 'unreadable') return credential.secret()?.reveal()
  const row = credential.settingKey && namedRows(directory.rowsOf(tenant.id)).get(credential.settingKey)?.row
  return row && !isEnvelope(row.value) ? row.value.trim() : undefined
}

/** The one place that the credential's own parts lead to, or each site of the provider: one vendor's regions take different keys. */
function callsOf(gateway: Gateway, provider: Provider, credential: Credential): Promise<SiteCall[]> {
  const { endpoint, region: stored } = credential.fields ?? {}
  const placed = endpoint !== undefined || provider.credentials !== undefined
  const sites = placed ? [stored] : [undefined, ...Object.keys(provider.regions ?? {})]
  return Promise.all(
    sites.map(async (region) => {
      const { verdict, status, words, baseUrl, took } = await probe(gateway, provider, {
        ...credential,
        fields: { ...credential.fields, region },
      })
      const used = region === stored
      return { region: region ?? null, used, base_url: baseUrl, status: status ?? null, verdict, words: words ?? null, took_ms: took }
    }),
  )
}

interface Found {
  readonly tenant: Tenant
  readonly provider: Provider
  readonly credential: Credential | undefined
  readonly stranger: Provider | undefined
  readonly odd: readonly string[]
  readonly calls: readonly SiteCall[]
}

type Verdict = Pick<Diagnosis, 'verdict' | 'because' | 'fix'>

function verdictOn(found: Found): Verdict {
  const { tenant, provider, credential, stranger } = found
  const store = `tollgate provider-keys set ${tenant.slug} ${provider.id}`
  if (!credential) return { verdict: 'missing', because: `No key of ${tenant.slug} for ${provider.name} is stored.`, fix: store }
  const which = `The key of ${tenant.slug} for ${provider.name} in ${credential.settingKey}`
  if (stranger) {
    const because = `${which} looks like one of ${stranger.name}; it was not sent to ${provider.name}.`
    return {
      verdict: 'wrong_vendor',
      because,
      fix: `tollgate provider-keys set ${tenant.slug} ${stranger.id}, and store the right key here: ${store}`,
    }
  }
  if (credential.state === 'unreadable') {
    return { verdict: 'unreadable', because: `${which} cannot be read: ${credential.trouble}.${oddly(found)}`, fix: store }
  }
  return asked(found, which, store)
}

/** What the sites said. */
function asked(found: Found, which: string, store: string): Verdict {
  const { calls, tenant, provider, credential } = found
  const used = calls.find((call) => call.used)
  const elsewhere = calls.find((call) => call.verdict === 'good')
  const said = used?.words ? `: "${used.words}"` : ''
  if (used?.verdict === 'good') {
    const because = `${which} (${credential && keySource(credential)}) is accepted at ${used.base_url}, in ${used.took_ms} ms.`
    return {
      verdict: 'good',
      because,
      fix: `Should requests fail all the same: tollgate explain --tenant ${tenant.slug} --model ${provider.id}/<model>`,
    }
  }
  if (elsewhere) {
    const fix = elsewhere.region === null ? store : `${store} --region ${elsewhere.region}`
    return { verdict: 'wrong_region', because: `${which} is refused at ${used?.base_url}${said}, and good at ${elsewhere.base_url}.`, fix }
  }
  if (used?.verdict === 'bad') {
    return {
      verdict: 'bad',
      because: `${which} is refused by ${provider.name} itself${said}.${oddly(found)}`,
      fix: `Make a new key with ${provider.name}, then: ${store}`,
    }
  }
  const status = used?.status ? ` (HTTP ${used.status})` : ''
  return {
    verdict: 'unclear',
    because: `${provider.name} says nothing about the key at ${used?.base_url}${status}${said}.${oddly(found)}`,
    fix: 'Try again in a minute; a firewall, or an account that may not do this, looks like this too.',
  }
}

const oddly = ({ odd }: Found): string => (odd.length > 0 ? ` Look at its text: ${odd.join('; ')}.` : '')
