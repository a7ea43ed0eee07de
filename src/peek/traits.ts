import { hash } from 'node:crypto'
import type { Caller } from '../contract/caller.ts'
import type { Snapshot } from '../contract/decision.ts'
import type { Inbound } from '../contract/gateway.ts'
import type { TraitNames, Traits } from '../contract/route.ts'
import type { Peeked } from '../peek.ts'
import { elementEnds } from '../wire/first-elements.ts'
import { readField } from '../wire/json-scan.ts'
import { tagsOf } from './tags.ts'

/** The request with what the operator's route and the tenant's plan ask about it; the very same where they ask nothing. Throws `invalid_json`. */
export function withTraits(peeked: Peeked, inbound: Inbound, { caller, snapshot }: { caller: Caller; snapshot: Snapshot }): Peeked {
  const { ask } = peeked
  const { reads } = snapshot.resolve(ask.model)
  const traits = reads && !ask.at ? { traits: traitsOf(peeked, { inbound, caller, reads }) } : undefined
  const apart = snapshot.planOf(caller.tenant)?.tellsApart
  const by = apart ? { by: { user: peeked.user, tags: tagsOf(inbound, caller, peeked.labels) } } : undefined
  return traits || by ? { ...peeked, ask: { ...ask, ...traits, ...by } } : peeked
}

function traitsOf(peeked: Peeked, { inbound, caller, reads }: { inbound: Inbound; caller: Caller; reads: TraitNames }): Traits {
  const metadata = reads.metadata.length > 0 ? Object(readField(peeked.scan, 'metadata')) : {}
  return {
    headers: picked(reads.headers, (name) => inbound.header(name)),
    metadata: picked(reads.metadata, (name) => (typeof metadata[name] === 'object' ? undefined : metadata[name])),
    session: reads.session ? sessionOf(peeked, inbound, caller) : undefined,
    seed: inbound.requestId,
  }
}

function picked(names: readonly string[], read: (name: string) => unknown): Record<string, string> {
  return Object.fromEntries(names.flatMap((name) => (read(name) === undefined ? [] : [[name, String(read(name))]])))
}

/** By the header, else the user, else how the conversation begins, each within its tenant: what providers cache prompts by begins alike. */
function sessionOf(peeked: Peeked, inbound: Inbound, { tenant }: Caller): string | undefined {
  const session = inbound.header('x-session-id') ?? peeked.user ?? beginning(peeked)
  return session === undefined ? undefined : hash('sha256', `${tenant.id}\0${session}`, 'hex').slice(0, 16)
}

/** Bytes. A beginning that is longer is told apart by so much of it. */
const LONGEST = 64 * 1024

/** The conversation to the end of the first thing its user said, whose hash is the same for every turn that follows. */
function beginning({ scan: { fields, body }, ingress }: Peeked): string | undefined {
  const field = fields.get(ingress.glance.content)
  if (!field) return undefined
  const { valueStart, valueEnd } = field
  const end = Math.min(valueEnd, valueStart + LONGEST)
  let from = valueStart
  for (const to of elementEnds(body, valueStart, end)) {
    if (USER.test(body.toString('latin1', from, to))) return hash('sha256', body.subarray(valueStart, to), 'hex')
    from = to
  }
  return hash('sha256', body.subarray(valueStart, end), 'hex')
}

const USER = /"role"\s*:\s*"user"/
