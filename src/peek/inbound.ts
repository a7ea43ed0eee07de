import type { Caller } from '../contract/caller.ts'
import type { Gateway, Inbound } from '../contract/gateway.ts'
import { type Peeked, peek, peekForm } from '../peek.ts'
import { goingOn, peekKept } from './kept.ts'
import { peekPassage } from './passage.ts'

/** Reads of a request what judging must know, whatever it comes as. Rejects with what reading and peeking refuse. */
export async function lookInto(gateway: Gateway, inbound: Inbound, caller: Caller): Promise<Peeked> {
  const { sizes } = gateway
  if (inbound.kept) return peekKept(inbound, inbound.kept, await keeperOf(gateway, inbound.kept.id, caller))
  if (inbound.passage) return peekPassage(inbound, inbound.passage, { snapshot: gateway.snapshot(), sizes })
  if (inbound.form) return peekForm(inbound, await inbound.form())
  const peeked = peek(inbound, await inbound.body(), sizes)
  if (!peeked.from) return peeked
  return goingOn(peeked, peeked.from.answer ? await keeperOf(gateway, peeked.from.id, caller) : undefined)
}

const keeperOf = ({ keepers }: Gateway, id: string, { tenant }: Caller) => keepers.find(id, tenant.id)
