import type { CatalogModel } from '../../contract/catalog.ts'
import type { UsageSum } from '../../contract/store.ts'
import { type Check, counted, type Finding, type Installation } from './finding.ts'

// What tenants really use, in the last thirty days: sharper than what they might.

/** Models whose calls are in no sum, since their price was unknown when they were made. */
export const unpricedInUse: Check = ({ used, catalog }) =>
  byModel(used.filter(({ unpriced }) => unpriced > 0)).map(([model, sums]): Finding => {
    const calls = sums.reduce((total, { unpriced }) => total + unpriced, 0)
    const since = catalog.resolve(model).candidates[0]?.price ? ' Its price is known by now.' : ''
    return {
      level: 'warn',
      code: 'model_unpriced_in_use',
      subject: model,
      sentence: `${calls === 1 ? 'One call' : `${calls} calls`} of ${model} by ${tenantsOf(sums)} came at an unknown cost, in no budget and no report.${since}`,
      fix:
        since === ''
          ? 'Give its price in models.yaml; a tier of service with a price of its own is a variant of it.'
          : 'Nothing needs doing.',
    }
  })

/** Models that their vendor ends or has ended, and who still asks for them. */
export const endingInUse: Check = (installation) =>
  byModel(installation.used).flatMap(([name, sums]): Finding[] => {
    const model = modelOf(installation, name)
    if (!model || model.lifecycle === 'active') return []
    const over = model.lifecycle === 'retired'
    const day = model.retires === undefined ? '' : ` on ${model.retires}`
    const heir =
      model.successor === undefined
        ? ''
        : ` Its vendor recommends ${model.successor}; to serve it by that: models.yaml, or tollgate models redirect.`
    return [
      {
        level: over ? 'warn' : 'info',
        code: 'model_ending_in_use',
        subject: name,
        sentence: `${name} is in use by ${tenantsOf(sums)}, and its vendor ${over ? 'has ended' : 'ends'} it${day}.`,
        fix: `Tell them.${heir}`,
      },
    ]
  })

const byModel = (sums: readonly UsageSum[]): [model: string, sums: UsageSum[]][] => [
  ...Map.groupBy(sums, ({ provider, wireModel }) => `${provider}/${wireModel}`),
]

/** Of the catalogue, under the very name that was sent. */
function modelOf({ catalog }: Installation, name: string): CatalogModel | undefined {
  return catalog.resolve(name).candidates[0]?.model
}

function tenantsOf(sums: readonly UsageSum[]): string {
  return counted('tenant', [...new Set(sums.map(({ slug, tenant }) => slug ?? tenant))])
}
