import { z } from 'zod'
import type { ChatPart } from '../../contract/chat.ts'
import { absentIfNull } from '../accept.ts'
import { told } from '../told.ts'

const word = absentIfNull(z.string())
const mark = { prompt_cache_breakpoint: z.unknown().optional() }

const inputPart = z.discriminatedUnion(
  'type',
  [
    z.object({ type: z.enum(['input_text', 'output_text', 'text']), text: z.string(), ...mark }),
    z.object({ type: z.literal('refusal'), refusal: z.string(), ...mark }),
    z.object({ type: z.literal('input_image'), image_url: word, file_id: word, detail: word, ...mark }),
    z.object({ type: z.literal('input_file'), filename: word, file_data: word, file_url: word, file_id: word, ...mark }),
    z.object({ type: z.literal('input_audio'), input_audio: z.object({ data: z.string(), format: z.string() }), ...mark }),
  ],
  'is none of input_text, output_text, refusal, input_image, input_file and input_audio',
)

type InputPart = z.output<typeof inputPart>

/** What is said in a message, or in a tool's result: a text or parts. */
export const content = z.preprocess(
  (value) => (typeof value === 'string' ? [{ type: 'input_text', text: value }] : value),
  z.array(inputPart.transform(decodePart), 'must be a string or a list of parts'),
)

function decodePart(part: InputPart): ChatPart {
  const { prompt_cache_breakpoint } = part
  const said = decodeSaid(part)
  return (prompt_cache_breakpoint ?? null) === null ? said : { ...said, prompt_cache_breakpoint }
}

function decodeSaid(part: InputPart): ChatPart {
  switch (part.type) {
    case 'refusal':
      return { type: 'refusal', refusal: part.refusal }
    case 'input_image':
      return decodeImage(part)
    case 'input_file':
      return { type: 'file', file: told({ filename: part.filename, file_data: part.file_data ?? part.file_url, file_id: part.file_id }) }
    case 'input_audio':
      return { type: 'input_audio', input_audio: part.input_audio }
    default:
      return { type: 'text', text: part.text }
  }
}

function decodeImage({ image_url: url, file_id, detail }: Extract<InputPart, { type: 'input_image' }>): ChatPart {
  if (url === undefined && file_id !== undefined) return { type: 'file', file: { file_id } }
  return { type: 'image_url', image_url: { url: url ?? '', ...told({ detail }) } }
}
