import type { StreamEnding, Usage } from '../contract/dialect.ts'
import { count, fields } from './fields.ts'
import { asHub } from './one-shape.ts'

/** Tokens or seconds, as the model is billed; Whisper's long answers tell the sound's length themselves. */
function readUsage(payload: unknown): Usage | undefined {
  const answer = fields(payload)
  const raw = fields(answer.usage)
  const [input, output] = [count(raw.input_tokens), count(raw.output_tokens)]
  if (input !== undefined || output !== undefined) {
    return { input, output, audioInput: count(fields(raw.input_token_details).audio_tokens), raw }
  }
  const seconds = count(raw.seconds) ?? count(answer.duration)
  return seconds === undefined ? undefined : { seconds, raw: answer.usage }
}

const isLast: StreamEnding['isTerminal'] = ({ data }) => /"type"\s*:\s*"transcript\.text\.done"/.test(data)

const listening = { content: 'file', readUsage, ending: { isTerminal: isLast, isFinish: isLast }, bytes: true, form: true } as const

/** Sound in, text out, as JSON, plain text, subtitles or events. https://platform.openai.com/docs/api-reference/audio/createTranscription */
export const openaiTranscriptions = asHub({
  id: 'openai-transcriptions',
  family: 'transcription',
  path: '/audio/transcriptions',
  ...listening,
})

/** The same into English. https://platform.openai.com/docs/api-reference/audio/createTranslation */
export const openaiTranslations = asHub({
  id: 'openai-translations',
  family: 'translation',
  path: '/audio/translations',
  ...listening,
})
