import type { Parts } from '../contract/auth.ts'
import { type CredentialSchema, type CredentialWay, partsIn } from '../contract/credential-schema.ts'
import type { Placement } from '../contract/decision.ts'
import type { Provider } from '../contract/provider.ts'
import { Secret } from '../contract/secret.ts'

/** A credential of several parts that is whole. */
export interface Whole {
  readonly way: CredentialWay
  readonly parts: Parts
  /** The parts that are no secret. */
  readonly fields: Placement
}

export interface Lacking {
  /** Continues "it …" or "the key …", and names the part. */
  readonly trouble: string
  /** The part at fault, where it is one. */
  readonly part?: string
}

/** What the parts make of a provider's credentials: a way that is whole, or what is wrong with them, by name and never by value. */
export function readParts(provider: Provider, given: Parts, by: 'tenant' | 'platform'): Whole | Lacking {
  const schema = provider.credentials ?? NONE
  const shaped = shapedParts(schema, canonical(schema, given))
  if ('trouble' in shaped) return shaped
  const { parts } = shaped
  const ways = schema.ways.filter(({ platformOnly }) => !platformOnly || by === 'platform')
  const way = ways.find(({ needs }) => needs.every((name) => name in parts))
  if (!way) return lacking(ways, parts)
  const region = parts['region']?.reveal()
  if (region !== undefined && !takesRegion(provider, region)) return { trouble: strangeRegion(provider, region), part: 'region' }
  const missing = partsIn(addressOf(provider, parts)).find((name) => !(name in parts))
  if (missing !== undefined)
    return { trouble: `lacks \`${missing}\`, ${schema.parts[missing]?.means ?? 'which its address needs'}`, part: missing }
  return { way, parts, fields: publicOf(schema, parts) }
}

const NONE: CredentialSchema = { parts: {}, ways: [] }

/** The first name that means nothing to this provider: a slip that would otherwise be lost without a word. */
export function strangePart(schema: CredentialSchema, names: readonly string[]): string | undefined {
  const known = new Set([
    ...Object.entries(schema.parts).flatMap(([name, { aliases = [] }]) => [name, ...aliases]),
    ...(schema.ignored ?? []),
    'region',
    'endpoint',
  ])
  return names.find((name) => !known.has(name))
}

/** A region is one of the provider's sites, or of the shape its data gives to regions. */
export function takesRegion({ regions = {}, credentials }: Provider, region: string): boolean {
  return Object.hasOwn(regions, region) || (credentials?.parts['region']?.shape?.test(region) ?? false)
}

export function strangeRegion({ name, regions = {}, credentials }: Provider, region: string): string {
  const known = Object.keys(regions)
  if (credentials?.parts['region']) return `names the region ${JSON.stringify(region)}, which is none of ${name}`
  return `names the region ${region}, and ${name} has ${known.length > 0 ? `only ${known.join(', ')}` : 'no regions'}`
}

/** Under their own names, with what stood folded in one of them beside it. What is given by itself comes before what was folded. */
function canonical({ parts: known }: CredentialSchema, given: Parts): Parts {
  const entries = Object.entries(known)
  const folded = entries.flatMap(([name, { unfolds, aliases }]) => (unfolds ? unfolded(firstOf(given, name, aliases)) : []))
  const flat: Parts = { ...Object.fromEntries(folded), ...given }
  const plain = entries.filter(([, { unfolds }]) => !unfolds).map(([name, { aliases }]) => [name, aliases] as const)
  const named = new Map<string, readonly string[] | undefined>([...PLACES, ...plain])
  return Object.fromEntries(
    [...named].flatMap(([name, aliases]): [string, Secret][] => {
      const value = firstOf(flat, name, aliases)
      return value ? [[name, value]] : []
    }),
  )
}

/** Where any key may lead, whatever else it is made of. */
const PLACES = [
  ['region', undefined],
  ['endpoint', undefined],
] as const

const firstOf = (given: Parts, name: string, aliases: readonly string[] = []): Secret | undefined =>
  [name, ...aliases].map((alias) => given[alias]).find((value) => value !== undefined)

function unfolded(value: Secret | undefined): [string, Secret][] {
  try {
    const fields = Object.entries(Object(JSON.parse(value?.reveal() ?? '')))
    return fields.flatMap(([name, text]) => (typeof text === 'string' ? [[name, new Secret(text)]] : []))
  } catch {
    return []
  }
}

function shapedParts({ parts: known }: CredentialSchema, named: Parts): { readonly parts: Parts } | Lacking {
  const parts: Record<string, Secret> = { ...named }
  for (const [name, { shape, fallback, means }] of Object.entries(known)) {
    const value = parts[name]
    if (value === undefined && fallback !== undefined) parts[name] = new Secret(fallback)
    if (value === undefined || shape === undefined) continue
    const match = shape.exec(value.reveal())
    if (!match) return { trouble: `has a \`${name}\` that is not ${means}`, part: name }
    if (match[1] !== undefined) parts[name] = new Secret(match[1])
  }
  return { parts }
}

/** The way that is nearest to whole says what is missing; where none is begun, all are told. */
function lacking(ways: readonly CredentialWay[], parts: Parts): Lacking {
  const begun = ways.toSorted((a, b) => there(b, parts) - there(a, parts))[0]
  if (begun && there(begun, parts) > 0) {
    const missing = begun.needs.filter((name) => !(name in parts))
    return { trouble: `lacks ${listed(missing)} for ${begun.name}`, part: missing[0] ?? '' }
  }
  return { trouble: `holds no key: give ${waysOf(ways)}`, part: 'key' }
}

const there = ({ needs }: CredentialWay, parts: Parts): number => needs.filter((name) => name in parts).length

/** `key`, or `access_key_id` and `secret_access_key`. */
const waysOf = (ways: readonly CredentialWay[]): string => ways.map(({ needs }) => listed(needs)).join(', or ')

const listed = (names: readonly string[]): string => names.map((name) => `\`${name}\``).join(' and ')

/** Where the parts lead, before they are filled in. */
function addressOf({ regions = {}, baseUrl = '' }: Provider, parts: Parts): string {
  if (parts['endpoint']) return ''
  const region = parts['region']?.reveal()
  return (region !== undefined && Object.hasOwn(regions, region) ? regions[region] : undefined) ?? baseUrl
}

function publicOf({ parts: known }: CredentialSchema, parts: Parts): Placement {
  const open = Object.entries(parts).filter(([name]) => name === 'region' || name === 'endpoint' || known[name]?.secret === false)
  return Object.fromEntries(open.map(([name, value]) => [name, value.reveal()]))
}
