import type { StreamEnding, Usage } from '../contract/dialect.ts'
import { count, fields } from './fields.ts'
import { asHub } from './one-shape.ts'

/** Told by the last event where a client asks for events in place of sound. */
function readUsage(payload: unknown): Usage | undefined {
  const raw = fields(fields(payload).usage)
  const [input, audioOutput] = [count(raw.input_tokens), count(raw.output_tokens)]
  return input === undefined && audioOutput === undefined ? undefined : { input, output: audioOutput, audioOutput, raw }
}

const isLast: StreamEnding['isTerminal'] = ({ data }) => /"type"\s*:\s*"speech\.audio\.done"/.test(data)

/** Text in, sound out. https://platform.openai.com/docs/api-reference/audio/createSpeech */
export const openaiSpeech = asHub({
  id: 'openai-speech',
  family: 'speech',
  path: '/audio/speech',
  content: 'input',
  characters: (top) => [...(top.text('input') ?? '')].length,
  readUsage,
  ending: { isTerminal: isLast, isFinish: isLast },
  bytes: true,
})
