import type { Received, ScriptedAnswer } from '../../support/fake-provider.ts'
import { chat, mistralChat } from './chat.ts'
import { cohere } from './cohere.ts'
import { generate } from './generate.ts'
import { messages } from './messages.ts'
import { others } from './others.ts'
import { responses } from './responses.ts'
import { Refused, type Say, type Turn, type Wire } from './script.ts'

/** Answers as the vendors do, each on its own paths; a request that the real one would refuse is refused. `say` throws `Refused`. */
export function asVendors(say: (turn: Turn) => Say): (received: Received) => ScriptedAnswer {
  return ({ path, body }) => {
    const { pathname } = new URL(path, 'http://vendor')
    const other = Object.entries(others).find(([end]) => pathname.endsWith(end))?.[1]
    if (other) return { body: other(body.toString()) }
    const wire = wireOf(pathname)
    if (wire === undefined) return { status: 404, body: { error: { message: `No vendor has ${path}.` } } }
    try {
      const turn = wire.read(body.toString(), path)
      const said = say(turn)
      return turn.stream ? { headers: { 'content-type': 'text/event-stream' }, chunks: [wire.stream(said)] } : { body: wire.whole(said) }
    } catch (error) {
      if (error instanceof Refused) return { status: 400, body: wire.refusal(error.message) }
      throw error
    }
  }
}

function wireOf(path: string): Wire | undefined {
  if (/:(stream)?[gG]enerateContent$/.test(path)) return generate
  return WIRES.find(([end]) => path.endsWith(end))?.[1]
}

const WIRES: readonly (readonly [string, Wire])[] = [
  ['/cohere/chat', cohere],
  ['/mistral/chat/completions', mistralChat],
  ['/chat/completions', chat],
  ['/responses', responses],
  ['/messages', messages],
]
