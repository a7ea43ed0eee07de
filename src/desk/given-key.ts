import type { KeyShare } from '../contract/pool.ts'
import type { Provider } from '../contract/provider.ts'
import { Secret } from '../contract/secret.ts'
import { GatewayError } from '../errors.ts'
import { readParts, strangePart, takesRegion } from '../policy/parts.ts'
import type { Desk } from './desk.ts'

/** A provider key as it is handed over: a key, fields with one, or several of either. */
export interface GivenKey {
  readonly key?: string | undefined
  readonly fields?: Readonly<Record<string, string>> | undefined
  readonly keys?: readonly GivenOne[] | undefined
  /** One of the vendor's other sites. */
  readonly region?: string | undefined
  /** The tenant's own address of this provider. */
  readonly endpoint?: string | undefined
}

/** One of several. */
export interface GivenOne extends Partial<KeyShare> {
  readonly key?: string | undefined
  readonly fields?: Readonly<Record<string, string>> | undefined
}

/** What is to be sealed, checked. */
export interface Sealable {
  readonly text: string
  /** For the audit: names, and the parts that say where the key leads. */
  readonly detail: { readonly fields: readonly string[]; readonly keys?: number; readonly region?: string; readonly endpoint?: string }
  readonly notes: readonly string[]
}

/** The value of a row. Throws `invalid_value` that names the field. */
export function sealable(desk: Desk, provider: Provider, { keys, ...given }: GivenKey): Sealable {
  if (keys) return sealablePool(keys.map((one) => ({ one, accepted: accepted(desk, provider, { ...given, ...one }) })))
  const { fields, notes } = accepted(desk, provider, given)
  const { key } = fields
  return {
    text: key !== undefined && Object.keys(fields).length === 1 ? key : JSON.stringify(fields),
    detail: { fields: Object.keys(fields), ...placeOf(fields) },
    notes,
  }
}

function sealablePool(keys: readonly { readonly one: GivenOne; readonly accepted: Accepted }[]): Sealable {
  const written = keys.map(({ one: { weight, models, limits }, accepted: { fields } }) => {
    const { key } = fields
    const parts = key !== undefined && Object.keys(fields).length === 1 ? { key } : { fields }
    return { ...parts, ...(weight !== undefined && { weight }), ...(models && { models }), ...(limits && { limits }) }
  })
  const fields = [...new Set(keys.flatMap(({ accepted }) => Object.keys(accepted.fields)))]
  return {
    text: JSON.stringify({ keys: written }),
    detail: { fields, keys: keys.length, ...placeOf(keys[0]?.accepted.fields ?? {}) },
    notes: [...new Set(keys.flatMap(({ accepted }) => accepted.notes))],
  }
}

const placeOf = ({ region, endpoint }: Readonly<Record<string, string>>) => ({
  ...(region !== undefined && { region }),
  ...(endpoint !== undefined && { endpoint }),
})

interface Accepted {
  readonly fields: Readonly<Record<string, string>>
  /** What was changed in what was given. */
  readonly notes: readonly string[]
}

/** `region` and `endpoint` may stand among the fields or beside them. */
function accepted(desk: Desk, provider: Provider, given: GivenKey): Accepted {
  const { key = given.fields?.['key'], region = given.fields?.['region'], endpoint = given.fields?.['endpoint'] } = given
  const places = {
    ...(region !== undefined && { region }),
    ...(endpoint !== undefined && { endpoint: endpointOf(desk, provider, endpoint) }),
  }
  if (provider.credentials) return several(provider, { ...given.fields, ...(key !== undefined && { key }), ...places })
  const trimmed = keyOf(provider, key ?? '')
  refuseStrangeRegion(provider, region)
  return { fields: { ...given.fields, key: trimmed, ...places }, notes: notesOn(trimmed !== key) }
}

function several(provider: Provider, given: Readonly<Record<string, string>>): Accepted {
  const { name, credentials: { parts = {} } = {} } = provider
  const fields = Object.fromEntries(Object.entries(given).map(([part, text]) => [part, text.trim()]))
  refuseJson(fields['key'] ?? '')
  const strange = provider.credentials && strangePart(provider.credentials, Object.keys(fields))
  if (strange !== undefined) {
    throw refused(`${name} has no field \`${strange}\`: it takes ${Object.keys(parts).join(', ')}.`, `fields.${strange}`)
  }
  const empty = Object.keys(fields).find((part) => fields[part] === '')
  if (empty !== undefined) throw refused(`The field \`${empty}\` is empty: leave it out, or give its value.`, `fields.${empty}`)
  const secrets = Object.fromEntries(Object.entries(fields).map(([part, text]) => [part, new Secret(text)]))
  const read = readParts(provider, secrets, 'tenant')
  if ('trouble' in read) throw refused(`What is given for ${name} ${read.trouble}.`, paramOf(read.part))
  return { fields, notes: notesOn(Object.entries(given).some(([part, text]) => fields[part] !== text.replace(LAST_LINE_END, ''))) }
}

/** A key in PEM ends in one. */
const LAST_LINE_END = /\r?\n$/

const paramOf = (part = 'key'): string => (part === 'key' || part === 'region' ? part : `fields.${part}`)

const notesOn = (trimmed: boolean): string[] => (trimmed ? ['Blanks around the key were taken off.'] : [])

function keyOf({ name }: Provider, key: string): string {
  const trimmed = key.trim()
  if (trimmed === '') throw refused(`${name} takes a key: give it as "key", or as the field "key".`)
  refuseJson(trimmed)
  return trimmed
}

/** A text of that shape would be read as fields, and fields choose where a key is sent. */
function refuseJson(key: string): void {
  if (key.startsWith('{')) throw refused('The key looks like JSON: give its parts under "fields".')
}

function refuseStrangeRegion(provider: Provider, region: string | undefined): void {
  if (region === undefined || takesRegion(provider, region)) return
  const known = Object.keys(provider.regions ?? {})
  const words = known.length > 0 ? `use one of ${known.join(', ')}, or none for its main site` : 'leave it out'
  throw new GatewayError('invalid_value', `${provider.name} has no such region: ${words}.`, { param: 'region' })
}

function endpointOf(desk: Desk, { id, name }: Provider, endpoint: string): string {
  if (desk.rules().tenantEndpoints.includes(id)) return desk.checkEndpoint(endpoint)
  throw new GatewayError(
    'base_url_not_allowed',
    `Tenants bring no endpoint of their own for ${name}: an operator allows it with tenant_endpoints in gateway.yaml.`,
    { param: 'endpoint' },
  )
}

export const refused = (sentence: string, param = 'key'): GatewayError => new GatewayError('invalid_value', sentence, { param })
