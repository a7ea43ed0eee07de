import { z } from 'zod'
import { gatewayFile } from './gateway.ts'
import { modelsFile } from './models.ts'
import { plansFile } from './plan-schema.ts'
import { providersFile } from './providers.ts'

/** For editors: each file of `config/` by name, with the JSON Schema of what an operator may write in it. */
export function jsonSchemas(): Readonly<Record<string, object>> {
  const files = { gateway: gatewayFile, models: modelsFile, plans: plansFile, providers: providersFile }
  return Object.fromEntries(Object.entries(files).map(([name, schema]) => [`${name}.schema.json`, z.toJSONSchema(schema, { io: 'input' })]))
}
