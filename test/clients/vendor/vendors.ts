import type { Received, ScriptedAnswer } from '../../support/fake-provider.ts'
import { chat, mistralChat } from './chat.ts'
import { generate } from './generate.ts'
import { messages } from './messages.ts'
import { responses } from './responses.ts'
import { Refused, say, type Turn, type Wire } from './script.ts'

/** Answers as the vendors do, each on its own paths; a request that the real one would refuse is refused. */
export function asVendor({ path, body }: Received): ScriptedAnswer {
  const wire = wireOf(new URL(path, 'http://vendor').pathname)
  if (wire === undefined) return { status: 404, body: { error: { message: `No vendor has ${path}.` } } }
  try {
    const turn = wire.read(body.toString(), path)
    return spoken(wire, turn)
  } catch (error) {
    if (error instanceof Refused) return { status: 400, body: wire.refusal(error.message) }
    throw error
  }
}

function spoken(wire: Wire, turn: Turn): ScriptedAnswer {
  const said = say(turn)
  return turn.stream ? { headers: { 'content-type': 'text/event-stream' }, chunks: [wire.stream(said)] } : { body: wire.whole(said) }
}

function wireOf(path: string): Wire | undefined {
  if (/:(stream)?[gG]enerateContent$/.test(path)) return generate
  return WIRES.find(([end]) => path.endsWith(end))?.[1]
}

const WIRES: readonly (readonly [string, Wire])[] = [
  ['/mistral/chat/completions', mistralChat],
  ['/chat/completions', chat],
  ['/responses', responses],
  ['/messages', messages],
]
