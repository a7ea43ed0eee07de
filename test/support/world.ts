import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import Database from 'better-sqlite3'
import type { Environment } from '../../src/config/env.ts'
import { loadConfig } from '../../src/config/load.ts'
import { openWorld, type World } from '../../src/main/world.ts'

/** Everything but the sockets, over a real store in a folder of its own. */
export interface TestWorld {
  readonly world: World
  readonly dataFolder: string
  /** Rows by hand; resolves once the world has seen them. The tenant's id is `id-<slug>`. */
  tenant(slug: string, more?: { readonly plan?: string; readonly status?: string }): Promise<void>
  setting(slug: string, key: string, value: string): Promise<void>
  close(): Promise<void>
}

export async function openTestWorld({
  files = {},
  env = {},
}: {
  files?: Record<string, string>
  env?: Environment
} = {}): Promise<TestWorld> {
  const folder = mkdtempSync(join(tmpdir(), 'tollgate-world-'))
  const [dataFolder, configFolder] = [join(folder, 'data'), join(folder, 'config')]
  cpSync(resolve(import.meta.dirname, '../../config'), configFolder, { recursive: true })
  for (const [name, text] of Object.entries(files)) writeFileSync(join(configFolder, name), text)
  const settings = { TOLLGATE_DATA: dataFolder, TOLLGATE_CONFIG: configFolder, ...env }
  const world = await openWorld({ config: loadConfig({ folder: configFolder, env: settings }), env: settings })
  const sql = async (statement: string, ...values: readonly string[]): Promise<void> => {
    const db = new Database(join(dataFolder, 'tollgate.db'), { timeout: 5_000 })
    db.prepare(statement).run(...values)
    db.close()
    await world.store.refresh()
  }
  return {
    world,
    dataFolder,
    tenant: (slug, { plan = 'team', status = 'active' } = {}) =>
      sql('INSERT INTO tenants (id, slug, plan, status) VALUES (?, ?, ?, ?)', `id-${slug}`, slug, plan, status),
    setting: (slug, key, value) =>
      sql('INSERT INTO tenant_settings (tenant_id, setting_key, setting_value) VALUES (?, ?, ?)', `id-${slug}`, key, value),
    async close() {
      await world.close()
      rmSync(folder, { recursive: true })
    },
  }
}
