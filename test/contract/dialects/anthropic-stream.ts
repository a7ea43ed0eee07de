import type { SseEvent } from '../../../src/contract/dialect.ts'
import type { Any } from './words.ts'

/**
 * The blocks of a stream as JSON text, put together by a strict reader: events in their order and by their names, one block open at a
 * time, blocks counted from 0, and nothing after the end.
 */
export function assembled(events: readonly SseEvent[]): string[] {
  const state = { blocks: [] as string[], open: undefined as Any, input: '', over: false, begun: false, stopped: false }
  for (const { event, data } of events) {
    const payload = JSON.parse(data)
    if (payload.type !== event || state.over) throw new Error(`out of order or misnamed: ${event} ${data}`)
    const read = READ[payload.type]
    if (read === undefined) throw new Error(`no event of this protocol: ${data}`)
    read(state, payload)
  }
  if (!state.over) throw new Error('the stream has no message_stop')
  return state.blocks
}

const READ: Record<string, (state: Any, payload: Any) => void> = {
  message_start: (state) => demand(!state.begun && (state.begun = true), 'a second message_start'),
  content_block_start(state, { index, content_block }) {
    demand(state.begun && state.open === undefined, `block ${index} begins while another is open`)
    demand(index === state.blocks.length, `block ${index} is not the next one`)
    Object.assign(state, { open: content_block, input: '' })
  },
  content_block_delta(state, { index, delta }) {
    demand(state.open !== undefined && index === state.blocks.length, `a delta for block ${index}, which is not open`)
    if (delta.type === 'text_delta') state.open.text += delta.text
    else if (delta.type === 'thinking_delta') state.open.thinking += delta.thinking
    else if (delta.type === 'signature_delta') state.open.signature = delta.signature
    else if (delta.type === 'input_json_delta') state.input += delta.partial_json
    else throw new Error(`an unknown delta: ${delta.type}`)
  },
  content_block_stop(state, { index }) {
    demand(state.open !== undefined && index === state.blocks.length, `the end of block ${index}, which is not open`)
    const { input: _, ...block } = state.open
    const written = JSON.stringify(block)
    state.blocks.push(state.open.type === 'tool_use' ? `${written.slice(0, -1)},"input":${state.input || '{}'}}` : written)
    state.open = undefined
  },
  message_delta: (state) =>
    demand(state.open === undefined && !state.stopped && (state.stopped = true), 'a message_delta too early or twice'),
  message_stop: (state) => demand(state.stopped && (state.over = true), 'a message_stop without message_delta'),
}

function demand(holds: boolean, otherwise: string): void {
  if (!holds) throw new Error(otherwise)
}
