import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { type LoadedConfig, loadConfig } from '../../src/config/load.ts'
import { watchConfig } from '../../src/config/watch.ts'
import { folderWith } from '../support/config-folders.ts'

const stops: (() => void)[] = []
afterEach(() => {
  for (const stop of stops.splice(0)) stop()
})

describe('a watched configuration', () => {
  it('changes when a file is saved', async () => {
    const { folder, world } = watched()
    writeFileSync(join(folder, 'gateway.yaml'), 'drain_timeout: 7s\n')
    await vi.waitFor(() => expect(world.current.settings.drainTimeout).toBe(7_000), 3_000)
    expect(world.refused).toEqual([])
  })

  it('keeps the last good one where a change is bad, and takes the next good one', async () => {
    const { folder, world } = watched()
    writeFileSync(join(folder, 'gateway.yaml'), 'drain_timeout: 7s\n')
    await vi.waitFor(() => expect(world.current.settings.drainTimeout).toBe(7_000), 3_000)
    const good = world.current
    writeFileSync(join(folder, 'gateway.yaml'), 'drain_timeout: soon\n')
    await vi.waitFor(
      () => expect(world.refused).toEqual(['gateway.yaml:1 drain_timeout: Write a duration such as 500ms, 5s, 2m, 1h or 30d.']),
      3_000,
    )
    expect(world.current).toBe(good)
    writeFileSync(join(folder, 'gateway.yaml'), 'drain_timeout: 8s\n')
    await vi.waitFor(() => expect(world.current.settings.drainTimeout).toBe(8_000), 3_000)
  })

  it('is refused, not fatal, where a file is gone or whoever takes it objects', async () => {
    const { folder, world } = watched((config) => {
      if (config.settings.drainTimeout === 9_000) throw new Error('Tenants would be left on no plan: gold.')
    })
    const good = world.current
    writeFileSync(join(folder, 'gateway.yaml'), 'drain_timeout: 9s\n')
    await vi.waitFor(() => expect(world.refused).toEqual([`${folder}: Tenants would be left on no plan: gold.`]), 3_000)
    rmSync(join(folder, 'plans.yaml'))
    await vi.waitFor(() => expect(world.refused.at(-1)).toContain('There is no plans.yaml'), 3_000)
    expect(world.current).toBe(good)
  })

  it('tells nothing where a saved file changes nothing that counts', async () => {
    const { folder, world } = watched()
    writeFileSync(join(folder, 'gateway.yaml'), '# another comment\n')
    writeFileSync(join(folder, 'models.yaml'), 'aliases: { smart: openai/gpt-5 }\n')
    await vi.waitFor(() => expect(world.current.models.aliases).toEqual({ smart: 'openai/gpt-5' }), 3_000)
    writeFileSync(join(folder, 'models.yaml'), 'aliases:\n  smart: openai/gpt-5 # the same\n')
    writeFileSync(join(folder, 'gateway.yaml'), '# and another\n')
    await new Promise((resolve) => setTimeout(resolve, 300))
    expect(world.changes).toBe(1)
  })
})

function watched(object: (config: LoadedConfig) => void = () => {}) {
  const folder = folderWith({})
  const env = {}
  const world = { current: loadConfig({ folder, env }), changes: 0, refused: [] as string[] }
  const stop = watchConfig({
    folder,
    env,
    current: () => world.current,
    onRefused: (error) => world.refused.push(error.message),
    onChange(config) {
      object(config)
      world.current = config
      world.changes++
    },
  })
  stops.push(stop)
  return { folder, world }
}
