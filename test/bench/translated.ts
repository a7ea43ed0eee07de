// What it costs to translate a stream: every protocol that apps speak over every dialect that providers speak, beside the byte lane of the
// same provider's stream.

import { protocols } from '../support/protocols.ts'
import { type Effort, interleave, median, type Row, ratio, us } from './rows.ts'
import type { Sample, Stage } from './stage.ts'
import { BURST, PIECES, STREAMS } from './streams.ts'

/** How a provider sends: each event by itself, as a model writes, or thousands of them as fast as they are taken. */
interface Manner {
  readonly name: string
  /** The model that the provider answers so. */
  readonly model: string
  readonly requests: number
  readonly connections: number
  /** In one stream. */
  readonly events: number
}

const PACED: Manner = { name: 'each event by itself', model: 'paced', requests: 64, connections: 64, events: PIECES }
const AT_ONCE: Manner = { name: 'all at once', model: 'burst', requests: 24, connections: 4, events: PIECES * BURST }

export async function translated(stage: Stage, { rounds }: Effort): Promise<Row[]> {
  const rows: Row[] = []
  for (const manner of [PACED, AT_ONCE])
    for (const dialect of Object.keys(STREAMS)) rows.push(...(await over(stage, { dialect, manner, rounds: Math.max(5, rounds / 4) })))
  return rows
}

interface Course {
  readonly dialect: string
  readonly manner: Manner
  readonly rounds: number
}

/** A dialect that no client here speaks has no byte lane: what is translated from it stands beside chat's. */
const CHAT = 'openai-chat'

async function over(stage: Stage, { dialect, manner, rounds }: Course): Promise<Row[]> {
  const { requests, connections, events } = manner
  const isHeard = protocols.some((protocol) => protocol.dialect === dialect)
  const bytes = protocols.find((protocol) => protocol.dialect === (isHeard ? dialect : CHAT))
  const others = protocols.filter((protocol) => protocol.dialect !== dialect)
  const lanes = [{ protocol: bytes, from: bytes?.dialect }, ...others.map((protocol) => ({ protocol, from: dialect }))]
  const [own = [], ...samples] = await interleave(rounds, lanes, ({ protocol, from }) => {
    const model = `by-${from}/${manner.model}`
    const body = JSON.stringify(protocol?.ask(model, true))
    return stage.load(stage.ours, { path: protocol?.path(model, true) ?? '', body, requests, connections })
  })
  const anEvent = (of: readonly Sample[]): string => us(median(of, 'cpu') / events)
  return others.map(({ name }, at) => {
    const of = samples[at] ?? []
    return {
      what: `${name} over ${dialect}, ${manner.name}`,
      unit: '×',
      floor: 2,
      goal: 1.5,
      measured: ratio(of, own),
      note: `${anEvent(of)} beside ${anEvent(own)} an event`,
    }
  })
}
