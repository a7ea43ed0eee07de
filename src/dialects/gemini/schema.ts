import { count, type Fields, fields, list } from '../fields.ts'

/**
 * Google's `Schema`, a part of OpenAPI 3.0 with types in capitals and numbers as text, as the JSON Schema that other providers read.
 * https://ai.google.dev/api/caching#Schema
 */
export function decodeSchema(schema: unknown): Fields {
  const { type, nullable, format, propertyOrdering: _order, property_ordering: _ordering, ...rest } = fields(schema)
  return {
    ...(type === undefined || type === 'TYPE_UNSPECIFIED' ? {} : { type: decodeType(type, nullable === true) }),
    // An enum is told by its values.
    ...(format === undefined || format === 'enum' ? {} : { format }),
    ...Object.fromEntries(Object.entries(rest).map(([name, value]) => decodeKeyword(CAMEL[name] ?? name, value))),
  }
}

function decodeType(type: unknown, nullable: boolean): unknown {
  const name = typeof type === 'string' ? type.toLowerCase() : type
  return nullable ? [name, 'null'] : name
}

function decodeKeyword(name: string, value: unknown): [string, unknown] {
  if (SCHEMAS.has(name)) return [name, decodeSchema(value)]
  if (LISTS.has(name)) return [name, list(value).map(decodeSchema)]
  if (MAPS.has(name)) return [name, Object.fromEntries(Object.entries(fields(value)).map(([key, inner]) => [key, decodeSchema(inner)]))]
  return [name, COUNTS.has(name) && typeof value === 'string' ? (count(Number(value)) ?? value) : value]
}

const SCHEMAS = new Set(['items'])
const LISTS = new Set(['anyOf'])
const MAPS = new Set(['properties'])
/** 64-bit numbers are text in Google's JSON. */
const COUNTS = new Set(['maxItems', 'maxLength', 'maxProperties', 'minItems', 'minLength', 'minProperties'])

const CAMEL: Readonly<Record<string, string>> = {
  any_of: 'anyOf',
  max_items: 'maxItems',
  max_length: 'maxLength',
  max_properties: 'maxProperties',
  min_items: 'minItems',
  min_length: 'minLength',
  min_properties: 'minProperties',
}
