import { listJudge, MOST_BYTES } from '../catalog/judge.ts'
import { listModels } from '../catalog/listing.ts'
import type { PriceLists } from '../desk/desk.ts'
import { embedded } from './configured.ts'
import type { World } from './world.ts'

/** Where price lists come from in this world, and what they are held against: what ships, and what was refreshed last. */
export function priceListsOf(world: Pick<World, 'configured' | 'web' | 'announce'>): PriceLists {
  const settings = () => world.configured().config.settings.catalog
  return {
    judge: listJudge(() => {
      const { refreshed } = world.configured()
      const snapshots = refreshed ? [embedded(), refreshed] : [embedded()]
      const { snapshot, built } = refreshed ?? embedded()
      return { snapshot, built, models: listModels(snapshots, undefined) }
    }),
    shipped: embedded().snapshot,
    get address() {
      return settings()?.url
    },
    fetch: async (url) => {
      const known = settings()
      const bytes = await world.web.get({ url, private: known?.url === url && known.private }, MOST_BYTES)
      return bytes.toString()
    },
    refused: async ({ source, snapshot, models, because }) => {
      const data = { snapshot: snapshot ?? null, models, because: because.slice(0, 20) }
      world.announce({ type: 'price.refused', subject: source, data, within: 60_000 })
    },
  }
}
