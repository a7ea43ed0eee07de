import type { Hub, HubRequest } from '../../contract/family.ts'

/** The hub of embeddings: OpenAI's shape, kept open. https://platform.openai.com/docs/api-reference/embeddings */
export interface EmbeddingsHub extends Hub {
  readonly request: EmbeddingsRequest
  readonly response: EmbeddingsResponse
}

export interface EmbeddingsRequest extends HubRequest {
  /** Texts, or token ids of OpenAI's own tokenizers. */
  input: string | readonly string[] | readonly number[] | readonly (readonly number[])[]
  encoding_format?: 'float' | 'base64' | null
  dimensions?: number | null
  /** `query` or `document`, as retrieval models tell them apart; Cohere's, NVIDIA's and Voyage's clients send it in OpenAI's shape too. */
  input_type?: unknown
}

export interface EmbeddingsResponse {
  object: 'list'
  data: Embedding[]
  model: string
  usage?: { prompt_tokens: number; total_tokens: number }
}

export interface Embedding {
  object: 'embedding'
  index: number
  /** Numbers, or base64 of 32-bit floats, little-endian. */
  embedding: Vector
}

export type Vector = readonly number[] | string
