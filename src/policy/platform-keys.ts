import type { SettingKey } from '../contract/ids.ts'
import type { Registry } from '../contract/registry.ts'
import type { Secret } from '../contract/secret.ts'

/** One key group's names in the environment, the first of which is used, where they do not all hold the same key. */
export interface DifferingKeys {
  readonly group: SettingKey
  readonly names: readonly SettingKey[]
}

/** Groups whose platform key depends on the order of its names: worth a word at boot, since another program may read another name. */
export function differingKeys(registry: Registry, platform: (name: SettingKey) => Secret | undefined): DifferingKeys[] {
  const groups = Map.groupBy(registry.providers, ({ apiKeyEnv }) => apiKeyEnv)
  return Array.from(groups, ([group, members]) => {
    const names = [...new Set(members.flatMap((provider) => registry.platformNames(provider)))]
    return { group, names: names.filter((name) => platform(name) !== undefined) }
  }).filter(({ names }) => new Set(names.map((name) => platform(name)?.reveal())).size > 1)
}
