// One model with four voices: what it says depends on the conversation alone, so every client must hear the same.

/** One turn of a conversation, whatever wire it came on. */
export interface Turn {
  readonly stream: boolean
  /** All that was said, as one text. */
  readonly prompt: string
  readonly tools: readonly string[]
  /** Whether an answer of a given JSON schema is asked for. */
  readonly structured: boolean
  /** The calls of earlier turns, and what came of them: `call` is a call's id, or its name where the wire has no ids. */
  readonly calls: readonly Call[]
  readonly results: readonly { readonly call: string; readonly text: string }[]
}

export interface Call {
  readonly id: string
  readonly name: string
  /** JSON text. */
  readonly arguments: string
}

/** `signed`: a thought comes before the call, on wires that have them. */
export type Say = { readonly text: string } | { readonly call: Call; readonly signed?: boolean }

/** What a real provider answers with 400. */
export class Refused extends Error {}

/** A wire format as its vendor speaks it. */
export interface Wire {
  /** Throws `Refused`. */
  read(body: string, path: string): Turn
  whole(say: Say): object
  /** The server-sent events. */
  stream(say: Say): string
  refusal(message: string): object
}

export const WORDS = 'West by south, freshening. 🌬️'
export const TOOL = 'tide_at'
export const ARGUMENTS = { harbour: 'Zierikzee', day: 'Sunday' }
export const TIDE = 'high water at 14:05'
export const WIND = { knots: 17 }
export const USAGE = { input: 11, output: 7 }
/** A prompt that the model thinks about before it calls, and what it marks its thoughts with. */
export const PUZZLE = 'Think: does the tide wait?'
export const THOUGHT = 'It waits for nobody.'
export const SIGNATURE = Buffer.from('signed by the mill').toString('base64')
/** A prompt that the model refuses, and its words. */
export const FORBIDDEN = 'Say the forbidden word.'
export const REFUSAL = 'The mill grinds no such corn.'

/** What the model says next. */
export function say(turn: Turn): Say {
  const { prompt, tools, structured } = turn
  if (prompt.includes(FORBIDDEN)) throw new Refused(REFUSAL)
  const result = resultOf(turn)
  const signed = prompt.includes(PUZZLE)
  if (result !== undefined) return { text: `It is ${result}.` }
  const [tool] = tools
  // Some clients ask for structured output by a tool of their own.
  if (tool !== undefined)
    return { call: { id: 'call_a1b2c', name: tool, arguments: JSON.stringify(tool === TOOL ? ARGUMENTS : WIND) }, signed }
  return { text: structured ? JSON.stringify(WIND) : WORDS }
}

/** What the last call came to. As vendors do, it refuses a result without its call, and a call without its result. */
export function resultOf({ calls, results }: Turn): string | undefined {
  const isOf = ({ id, name }: Call, { call }: Turn['results'][number]) => call === id || call === name
  const stray = results.find((result) => !calls.some((call) => isOf(call, result)))
  if (stray) throw new Refused(`A result answers the call ${stray.call}, which nobody made.`)
  const open = calls.find((call) => !results.some((result) => isOf(call, result)))
  if (open) throw new Refused(`The call ${open.id} has no result.`)
  return results.at(-1)?.text
}

/** A text in the pieces that a stream brings it in. */
export function pieces(text: string): string[] {
  const letters = [...text]
  return [0, 1, 2].map((third) => letters.slice((third * letters.length) / 3, ((third + 1) * letters.length) / 3).join(''))
}

/** Events under their names, or without. */
export const frames = (events: readonly (object & { readonly type?: string })[], named = true): string =>
  events.map((event) => `${named ? `event: ${event.type}\n` : ''}data: ${JSON.stringify(event)}\n\n`).join('')

/** The text of a message whose content is a string or a list of parts. */
export const textOf = (content: Content): string =>
  typeof content === 'string' ? content : (content ?? []).map(({ text }) => text ?? '').join('')

export type Content = string | readonly { readonly type?: string; readonly text?: string }[] | null | undefined
