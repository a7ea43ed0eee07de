import type { GatewayKey } from '../contract/caller.ts'
import { type KeyId, keyId } from '../contract/ids.ts'
import { GatewayError } from '../errors.ts'
import { SCOPES, type Scope } from '../policy/scopes.ts'

export { SCOPES, type Scope } from '../policy/scopes.ts'

/** Who acts, as audit rows name him. */
export interface Operator {
  readonly id: KeyId
  readonly name: string
  readonly scopes: readonly string[]
  /** ISO 8601; what he creates for operators lapses no later. */
  readonly expiresAt: string | undefined
  readonly requestId: string | undefined
}

/** The holder of a gateway key: an operator by an admin key, or a tenant at its own page. */
export function operatorOf({ id, kind, name, scopes, expiresAt }: GatewayKey, requestId: string): Operator {
  const called = name === undefined ? `${kind} key ${id}` : `${name} (${id})`
  return { id, name: called, scopes: kind === 'admin' ? scopes : [], expiresAt, requestId }
}

/** Whoever may open the store's files may do everything: the command line asks for no key. */
export function localOperator(user: string | undefined): Operator {
  return {
    id: keyId('cli'),
    name: user === undefined ? 'cli' : `cli (${user})`,
    scopes: SCOPES,
    expiresAt: undefined,
    requestId: undefined,
  }
}

/** Nobody gives what he does not have: neither scopes nor time. */
export function refuseEscalation(by: Operator, wanted: { scopes: readonly string[]; expiresAt: string | undefined }): void {
  const missing = wanted.scopes.filter((scope) => !by.scopes.includes(scope))
  if (missing.length > 0) {
    throw new GatewayError('privilege_escalation', `Your key lacks ${missing.join(', ')}, so it cannot give them away.`, {
      param: 'scopes',
    })
  }
  const outlives = by.expiresAt !== undefined && !(Date.parse(wanted.expiresAt ?? '') <= Date.parse(by.expiresAt))
  if (!outlives) return
  throw new GatewayError('privilege_escalation', `Your key expires at ${by.expiresAt}: give the new one an expires_at no later.`, {
    param: 'expires_at',
  })
}

export function requireScope({ id, scopes }: Pick<GatewayKey, 'id' | 'scopes'>, scope: Scope): void {
  if (scopes.includes(scope)) return
  throw new GatewayError('scope_missing', `Gateway key ${id} lacks the scope ${scope}. Use a key that was created with it.`)
}
