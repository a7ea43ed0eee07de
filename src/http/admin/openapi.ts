import { z } from 'zod'
import type { Description } from '../route.ts'

/** Where the admin API is mounted. */
export const ADMIN_BASE = '/admin/v1'

/** The routes as an OpenAPI 3.1 document, from the very schemas that check what they are sent. */
export function openApi(routes: readonly Description[]): object {
  const paths: Record<string, Record<string, object>> = {}
  for (const route of routes) {
    const path = (paths[ADMIN_BASE + route.path] ??= {})
    path[route.method.toLowerCase()] = operationOf(route)
  }
  return {
    openapi: '3.1.0',
    info: { title: 'Tollgate admin API', version: '1' },
    security: [{ adminKey: [] }],
    paths,
    components: {
      securitySchemes: { adminKey: { type: 'http', scheme: 'bearer', description: 'A gateway key of kind admin.' } },
      schemas: { Error: ERROR },
    },
  }
}

function operationOf(route: Description): object {
  const { method, path, summary, scope, body, answer, lines, csv, statuses } = route
  const content = (schema: object, type = 'application/json') => ({ content: { [type]: { schema } } })
  const type = lines && 'application/x-ndjson'
  const sheet = csv && content({ type: 'string' }, 'text/csv').content
  const answered = statuses.map((status) => {
    const { content: json } = content(jsonSchema(answer, 'output'), type)
    return [status, { description: summary, content: { ...json, ...sheet } }]
  })
  return {
    operationId: `${method.toLowerCase()}${path.replaceAll(/[/{}_-]+(\w)?/g, (_, next: string = '') => next.toUpperCase())}`,
    summary,
    ...(scope !== undefined && { 'x-tollgate-scope': scope }),
    parameters: parametersOf(route),
    ...(body && { requestBody: content(jsonSchema(body, 'input')) }),
    responses: {
      ...Object.fromEntries(answered),
      default: { description: 'What went wrong', ...content({ $ref: '#/components/schemas/Error' }) },
    },
  }
}

function parametersOf({ path, query, csv }: Description): object[] {
  const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({ name, in: 'path', required: true, schema: { type: 'string' } }))
  const inQuery = Object.entries(query.shape).map(([name, schema]) => ({
    name,
    in: 'query',
    required: !schema.safeParse(undefined).success,
    schema: jsonSchema(schema, 'input'),
  }))
  const format = { name: 'format', in: 'query', required: false, schema: { enum: ['json', 'csv'] } }
  return [...inPath, ...inQuery, ...(csv ? [format] : [])]
}

function jsonSchema(schema: z.core.$ZodType, io: 'input' | 'output'): object {
  const { $schema: _dialect, ...described } = z.toJSONSchema(schema, { io, unrepresentable: 'any' })
  return described
}

const ERROR = {
  type: 'object',
  required: ['error'],
  properties: {
    error: {
      type: 'object',
      required: ['message', 'type', 'code'],
      properties: {
        message: { type: 'string' },
        type: { type: 'string' },
        param: { type: ['string', 'null'] },
        code: { type: 'string' },
        metadata: { type: 'object' },
      },
    },
  },
}
