import type { StreamEnding, Usage } from '../contract/dialect.ts'
import { count, fields } from './fields.ts'
import { asHub } from './one-shape.ts'

/** xAI counts ten thousand millionths of a dollar. */
const TICKS_PER_USD = 1e10

/** Tokens where the model has them, and how many images there are. */
function readUsage(payload: unknown): Usage | undefined {
  const answer = fields(payload)
  const raw = fields(answer.usage)
  const images = Array.isArray(answer.data) ? answer.data.length : undefined
  const ticks = count(raw.cost_in_usd_ticks)
  const [input, output] = [count(raw.input_tokens), count(raw.output_tokens)]
  if (images === undefined && input === undefined && output === undefined) return undefined
  return { input, output, images, providerCost: ticks === undefined ? count(raw.cost) : ticks / TICKS_PER_USD, raw }
}

const COMPLETED = /"type"\s*:\s*"image_(?:generation|edit)\.completed"/

/** Each image of a stream has its own last event, so only the end of the stream ends it. */
const ending: StreamEnding = { isTerminal: () => false, isFinish: ({ data }) => COMPLETED.test(data) }

const painting = { content: 'prompt', readUsage, ending } as const

/** https://platform.openai.com/docs/api-reference/images/create */
export const openaiImages = asHub({
  id: 'openai-images',
  family: 'images',
  path: '/images/generations',
  ...painting,
})

/** A form with the images to change, or JSON that names them. https://platform.openai.com/docs/api-reference/images/createEdit */
export const openaiImageEdits = asHub({
  id: 'openai-image-edits',
  family: 'image-edits',
  path: '/images/edits',
  ...painting,
  form: true,
})

/** A form with the image to vary. https://platform.openai.com/docs/api-reference/images/createVariation */
export const openaiImageVariations = asHub({
  id: 'openai-image-variations',
  family: 'image-variations',
  path: '/images/variations',
  ...painting,
  form: true,
})
