import { GatewayError } from '../../errors.ts'
import { unreadable } from '../failure.ts'
import { fields, list } from '../fields.ts'
import type { EmbeddingsResponse, Vector } from './hub.ts'

const BYTES_PER_FLOAT = 4

/** Base64 of 32-bit floats, little-endian: what OpenAI's clients ask for unless told otherwise, and decode without looking. */
export function packed(vector: Vector): string {
  if (typeof vector === 'string') return vector
  const bytes = Buffer.allocUnsafe(vector.length * BYTES_PER_FLOAT)
  plain(vector).forEach((value, at) => void bytes.writeFloatLE(value, at * BYTES_PER_FLOAT))
  return bytes.toString('base64')
}

export function unpacked(vector: Vector): readonly number[] {
  if (typeof vector !== 'string') return vector
  const bytes = Buffer.from(vector, 'base64')
  return Array.from({ length: Math.floor(bytes.length / BYTES_PER_FLOAT) }, (_, at) => bytes.readFloatLE(at * BYTES_PER_FLOAT))
}

/** Numbers with more digits than a double holds come as JSON text that keeps them; 32 bits hold fewer still. */
function plain(vector: readonly number[]): readonly number[] {
  return vector.every((value) => typeof value === 'number') ? vector : JSON.parse(JSON.stringify(vector))
}

/** The answer in OpenAI's shape. Throws `upstream_protocol_error` where the provider sent no vectors. */
export function answerOf(vectors: readonly unknown[], model: string, tokens: number | undefined): EmbeddingsResponse {
  if (vectors.length === 0) throw unreadable()
  return {
    object: 'list',
    data: vectors.map((vector, index) => ({ object: 'embedding', index, embedding: vectorOf(vector) })),
    model,
    ...(tokens !== undefined && { usage: { prompt_tokens: tokens, total_tokens: tokens } }),
  }
}

/** `data[].embedding` of an answer that is in OpenAI's shape, in the order of its indexes. */
export function dataOf(body: unknown): readonly unknown[] {
  const rows = list(fields(body).data).map(fields)
  return rows.toSorted((a, b) => Number(a.index) - Number(b.index)).map(({ embedding }) => embedding)
}

function vectorOf(value: unknown): Vector {
  if (typeof value === 'string') return value
  // Each of its items is a number or the JSON text of one: the provider's body was parsed as JSON and holds lists of numbers here.
  if (Array.isArray(value)) return value as readonly number[]
  throw unreadable()
}

/** The texts to embed. Throws `invalid_value` for token ids: they are of a tokenizer that only OpenAI's models have. */
export function textsOf(input: unknown): string[] {
  const texts = [input].flat()
  if (texts.every((text) => typeof text === 'string')) return texts
  throw new GatewayError(
    'invalid_value',
    "This model takes text, and the input holds token ids of OpenAI's tokenizer: send the text itself.",
    {
      param: 'input',
    },
  )
}
