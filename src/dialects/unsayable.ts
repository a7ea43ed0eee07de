import { GatewayError } from '../errors.ts'

/** A hub request that cannot be said in the provider's dialect; `param` is where, e.g. `messages.2.content.0`. */
export function unsayable(param: string, sentence: string): GatewayError {
  return new GatewayError('invalid_value', `${param}: ${sentence}`, { param })
}
