import {
  type Candidate,
  type Catalog,
  type OperatorModels,
  type OwnName,
  type Preference,
  type Resolution,
  WHOLE_PROVIDER,
} from '../contract/catalog.ts'
import type { Provider } from '../contract/provider.ts'
import type { CatalogSnapshot } from '../contract/refresh.ts'
import type { Registry } from '../contract/registry.ts'
import { listModels } from './listing.ts'
import { operatorNames } from './operator-names.ts'
import { PREFERENCES } from './ranking.ts'
import { type Shelf, stockShelf, unlisted } from './shelf.ts'
import { similarNames } from './similar.ts'

export interface CatalogInput {
  readonly registry: Registry
  readonly embedded: CatalogSnapshot
  /** What the last good refresh brought. */
  readonly refreshed?: CatalogSnapshot | undefined
  readonly operator?: OperatorModels
}

/**
 * What a model name means: a reserved name, the operator's alias or route, `provider/wire-model`, an exact catalogue id, or a former
 * label of one model; in that order. All that is listed is resolved once, here, so that a name costs a look-up and no search.
 * Throws Error where an alias or route of the operator's cannot be followed.
 */
export function createCatalog({ registry, embedded, refreshed, operator }: CatalogInput): Catalog {
  const models = listModels(refreshed ? [embedded, refreshed] : [embedded], operator)
  const { snapshot } = refreshed ?? embedded
  return new ResolvedCatalog(registry, stockShelf(registry, snapshot, models), operator)
}

class ResolvedCatalog implements Catalog {
  readonly #registry: Registry
  readonly #shelf: Shelf
  readonly #reserved: ReadonlyMap<string, Resolution>
  readonly #operators: ReadonlyMap<string, Resolution>
  readonly #similar: (name: string) => readonly string[]

  constructor(registry: Registry, shelf: Shelf, operator: OperatorModels | undefined) {
    this.#registry = registry
    this.#shelf = shelf
    this.#similar = similarNames([...shelf.byId.keys()])
    this.#reserved = new Map(preferences().map((name) => [name, { candidates: shelf.forAuto, route: name, rank: name }]))
    this.#operators = operatorNames(operator, this.#reserved, (name) => this.#named(name))
  }

  get snapshot(): string {
    return this.#shelf.snapshot
  }

  candidates(): readonly Candidate[] {
    return this.#shelf.candidates
  }

  resolve(name: string): Resolution {
    return this.#reserved.get(name) ?? this.#operators.get(name) ?? this.#named(name)
  }

  at({ provider: id, wireModel = WHOLE_PROVIDER }: OwnName): Resolution {
    const known = this.#registry.lookup(id)
    const because = known?.retired?.because
    if (!known?.provider) return { candidates: [], ...(because !== undefined && { because }) }
    const resolution = this.#offer(known.provider, wireModel)
    return known.legacy ? renamed(`${id}/${wireModel}`, resolution) : resolution
  }

  #named(name: string): Resolution {
    return this.#qualified(name) ?? this.#shelf.byId.get(name) ?? this.#formerLabel(name) ?? this.#unknown(name)
  }

  /** `provider/wire-model`: everything behind the first slash is the provider's own name for it. */
  #qualified(name: string): Resolution | undefined {
    const cut = name.indexOf('/')
    if (cut < 1 || cut === name.length - 1) return undefined
    const head = this.#registry.lookup(name.slice(0, cut))
    if (!head) return undefined
    if (!head.provider) return this.#unknown(name, head.retired?.because)
    const resolution = this.#offer(head.provider, name.slice(cut + 1))
    return head.legacy ? renamed(name, resolution) : resolution
  }

  /** A former provider id that stood for one model: `minimax_2_7` once was what `minimax/MiniMax-M2.7` is. */
  #formerLabel(name: string): Resolution | undefined {
    const known = this.#registry.lookup(name)
    if (!known?.retired) return undefined
    if (!known.provider) return this.#unknown(name, known.retired.because)
    return known.retired.model === undefined ? undefined : renamed(name, this.#offer(known.provider, known.retired.model))
  }

  #offer(provider: Provider, wireModel: string): Resolution {
    return this.#shelf.byProvider.get(provider.id)?.get(wireModel) ?? { candidates: [unlisted(provider, wireModel)] }
  }

  #unknown(name: string, because?: string): Resolution {
    return { candidates: [], similar: this.#similar(name), ...(because !== undefined && { because }) }
  }
}

const preferences = () => Object.keys(PREFERENCES) as Preference[] // a record has the keys of its type

function renamed(legacy: string, resolution: Resolution): Resolution {
  const canonical = resolution.candidates[0]?.names.qualified ?? ''
  return { ...resolution, deprecated: { legacy, canonical } }
}
