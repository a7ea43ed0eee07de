import { z } from 'zod'

const schemaShape = z.looseObject({
  type: z.union([z.string(), z.array(z.string())]).optional(),
  enum: z.array(z.unknown()).optional(),
  properties: z.record(z.string(), z.unknown()).optional(),
  required: z.array(z.string()).optional(),
  items: z.unknown().optional(),
  minItems: z.number().optional(),
  minLength: z.number().optional(),
  minimum: z.number().optional(),
  format: z.string().optional(),
  $ref: z.string().optional(),
  anyOf: z.array(z.unknown()).optional(),
  oneOf: z.array(z.unknown()).optional(),
  allOf: z.array(z.unknown()).optional(),
})
type Schema = z.infer<typeof schemaShape>

/** A schema that refers to itself without end gets null here. */
const MAX_DEPTH = 16

/** The smallest value a JSON schema admits, as far as its common words tell: required members only, first of every choice. */
export function instanceOf(schema: unknown): unknown {
  return instance(schema, { root: schema, depth: 0 })
}

interface Place {
  readonly root: unknown
  readonly depth: number
}

function instance(node: unknown, place: Place): unknown {
  const { data: schema } = schemaShape.safeParse(node)
  if (schema === undefined || place.depth > MAX_DEPTH) return null
  const within = { ...place, depth: place.depth + 1 }
  if ('const' in schema) return schema['const']
  if (schema.enum !== undefined) return schema.enum[0]
  if ('default' in schema) return schema['default']
  if (schema.$ref !== undefined) return instance(referred(schema.$ref, place.root), within)
  const choice = schema.anyOf ?? schema.oneOf ?? schema.allOf
  if (choice !== undefined) return instance(choice[0], within)
  const make = MAKERS[typeOf(schema)]
  return make === undefined ? null : make(schema, within)
}

const MAKERS: Readonly<Record<string, (schema: Schema, place: Place) => unknown>> = {
  object: ({ properties = {}, required = Object.keys(properties) }, place) =>
    Object.fromEntries(required.map((name) => [name, instance(properties[name], place)])),
  array: ({ items, minItems = 0 }, place) => Array.from({ length: Math.min(minItems, 100) }, () => instance(items, place)),
  string: ({ format = '', minLength = 0 }) => FORMATS[format] ?? 'text'.padEnd(Math.min(minLength, 1000), '.'),
  number: ({ minimum = 0 }) => minimum,
  integer: ({ minimum = 0 }) => Math.ceil(minimum),
  boolean: () => true,
}

const FORMATS: Readonly<Record<string, string>> = {
  date: '2026-01-01',
  'date-time': '2026-01-01T00:00:00Z',
  time: '00:00:00Z',
  email: 'someone@example.com',
  uri: 'https://example.com/',
  uuid: '00000000-0000-4000-8000-000000000000',
}

function typeOf({ type, properties, items }: Schema): string {
  const named = typeof type === 'string' ? type : type?.find((name) => name !== 'null')
  return named ?? (properties !== undefined ? 'object' : items !== undefined ? 'array' : 'null')
}

/** A local reference, `#/$defs/name`. */
function referred(ref: string, root: unknown): unknown {
  return ref
    .split('/')
    .slice(1)
    .reduce<unknown>((node, name) => z.looseObject({}).safeParse(node).data?.[name], root)
}
