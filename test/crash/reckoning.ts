import type { AttemptRow } from '../../src/contract/ledger.ts'
import type { Accepted } from './provider.ts'
import { type Asked, chargeOf, PROMPT } from './script.ts'

export interface Evidence {
  readonly asked: ReadonlyMap<string, Asked>
  readonly journal: readonly Accepted[]
  readonly rows: readonly AttemptRow[]
}

/** What three witnesses disagree in: the clients, the provider and the books. One sentence for each thing that cannot be. */
export function reckon({ asked, journal, rows }: Evidence): string[] {
  const rowsOf = Map.groupBy(rows, ({ start }) => placeOf(start.user ?? '', start.provider))
  const acceptedOf = Map.groupBy(journal, ({ nonce, provider }) => placeOf(nonce, provider))
  const places = new Set([...rowsOf.keys(), ...acceptedOf.keys()])
  const wrong = [...places].flatMap((place) => {
    const ask = asked.get(place.split(' ')[0] ?? '')
    const told = disagreement(ask, acceptedOf.get(place) ?? [], rowsOf.get(place) ?? [])
    return told === undefined
      ? []
      : [`${place}: ${told} (${JSON.stringify({ ask, accepted: acceptedOf.get(place), rows: rowsOf.get(place)?.map(shown) })})`]
  })
  return [...wrong, ...untold(asked, rows)]
}

const placeOf = (nonce: string, provider: string): string => `${nonce} ${provider}`

function disagreement(ask: Asked | undefined, accepted: readonly Accepted[], rows: readonly AttemptRow[]): string | undefined {
  const [worked, ...twice] = accepted.filter(({ refused }) => !refused)
  const [booked, ...again] = rows.filter(({ state }) => state !== 'released')
  if (!ask) return 'nobody asked it'
  if (twice.length > 0) return 'the provider did it twice'
  if (again.length > 0) return 'it is charged twice'
  if (accepted.length > rows.length) return 'the provider accepted what is not in the books'
  // Only with a key is it tried anew, and only where nobody did anything.
  if (!ask.keyed && rows.length > 1) return 'it is in the books twice'
  if (rows.some(({ state, charge }) => state === 'released' && charge !== 0)) return 'it is released, and not free'
  if (!booked) return worked && 'it is free, and the provider accepted it'
  if (booked.state === 'reserved') return 'it is still open'
  return (booked.state === 'settled' ? settled : estimated)(booked, worked, ask)
}

type Judge = (row: AttemptRow, taken: Accepted | undefined, ask: Asked) => string | undefined

const settled: Judge = ({ outcome, charge }, taken) => {
  if (!taken?.told) return 'it is settled with a usage that the provider never told'
  if (outcome?.usage?.input !== PROMPT || outcome.usage.output !== taken.said) return 'its usage is not what the provider told'
  if (charge === null || BigInt(charge) !== chargeOf(PROMPT, taken.said)) return 'its charge is not what its usage costs'
  return undefined
}

/** A crash left it, the client left, or the provider broke off; each is told by the row itself. */
const estimated: Judge = ({ start, outcome, charge }, taken, ask) => {
  const why = outcome?.code
  if (charge === null) return 'its charge is not known'
  if (BigInt(charge) > chargeOf(start.inputTokens, ask.maxTokens)) return 'its charge is more than was held for it'
  if (BigInt(charge) < chargeOf(start.inputTokens, 0)) return 'its charge is less than its prompt costs'
  if (why === 'internal_error') return crashed(charge, taken, ask)
  if (why === 'client_closed_request') return ask.how === 'left' ? undefined : 'the client is said to have left, and had not'
  if (why === 'upstream_disconnected') return ask.deed === 'break' ? undefined : 'the provider is said to have broken off, and had not'
  return `nothing explains the estimate (${why})`
}

function crashed(charge: number, taken: Accepted | undefined, { how }: Asked): string | undefined {
  if (how === 'told') return 'the client had the whole answer before its end was in the books'
  if (taken && BigInt(charge) < chargeOf(PROMPT, taken.said)) return 'its charge is less than the provider bills'
  return undefined
}

/** Whoever has a whole answer has paid for one. */
function untold(asked: ReadonlyMap<string, Asked>, rows: readonly AttemptRow[]): string[] {
  const paid = new Set(rows.filter(({ state }) => state === 'settled').map(({ start }) => start.user))
  return [...asked.values()]
    .filter(({ how, nonce }) => how === 'told' && !paid.has(nonce))
    .map(({ nonce }) => `${nonce}: it was answered, and nobody paid`)
}

const shown = ({ start, state, outcome, charge }: AttemptRow) => ({
  ...{ request: start.requestId, attempt: start.attempt, at: start.at, boundTokens: start.maxOutput, input: start.inputTokens },
  ...{ state, code: outcome?.code, usage: outcome?.usage, seen: outcome?.outputSeen, charge },
})
