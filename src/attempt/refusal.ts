import { GatewayError } from '../errors.ts'
import type { Run } from './run.ts'

/** The plan has another model for what this one will not speak of, so its answer is looked at before the client has any of it. */
export function looksForRefusal({ turn: { plan, fallback }, offer }: Run): boolean {
  return fallback === undefined && plan.fallback.some(({ on }) => on === 'refusal') && offer.provider.dialect.isRefusal !== undefined
}

export const declined = ({ offer }: Run): GatewayError =>
  new GatewayError('upstream_error', `${offer.provider.name} answered that it will not speak of this.`, { kind: 'refusal' })
