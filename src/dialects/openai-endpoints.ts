import type { Speech } from '../contract/provider.ts'
import { openaiEmbeddings } from './openai-embeddings.ts'

// What a provider says in one word each of OpenAI's other endpoints that it has, under the base URL of its chat.

export const embeddings: readonly Speech[] = [{ dialect: openaiEmbeddings }]
