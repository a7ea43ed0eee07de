import type { Gateway, Inbound } from '../contract/gateway.ts'
import { type Peeked, peek, peekForm } from '../peek.ts'
import { peekPassage } from './passage.ts'

/** Reads of a request what judging must know, whatever it comes as. Rejects with what reading and peeking refuse. */
export async function lookInto(gateway: Gateway, inbound: Inbound): Promise<Peeked> {
  const { sizes } = gateway
  if (inbound.passage) return peekPassage(inbound, inbound.passage, { snapshot: gateway.snapshot(), sizes })
  return inbound.form ? peekForm(inbound, await inbound.form()) : peek(inbound, await inbound.body(), sizes)
}
