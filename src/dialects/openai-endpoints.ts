import type { Speech } from '../contract/provider.ts'
import { openaiEmbeddings } from './openai-embeddings.ts'
import { openaiImageEdits, openaiImages, openaiImageVariations } from './openai-images.ts'
import { openaiTranscriptions, openaiTranslations } from './openai-listening.ts'
import { openaiModerations } from './openai-moderations.ts'
import { openaiSpeech } from './openai-speech.ts'
import { rerank } from './rerank.ts'

// What a provider says in one word each of OpenAI's other endpoints that it has, under the base URL of its chat.

export const embeddings: Speech = { dialect: openaiEmbeddings }

export const moderations: Speech = { dialect: openaiModerations }

export const images: Speech = { dialect: openaiImages }

export const imageEdits: Speech = { dialect: openaiImageEdits }

export const imageVariations: Speech = { dialect: openaiImageVariations }

export const speech: Speech = { dialect: openaiSpeech }

export const transcriptions: Speech = { dialect: openaiTranscriptions }

export const translations: Speech = { dialect: openaiTranslations }

/** Cohere's shape, which others took over beside OpenAI's. */
export const reranking: Speech = { dialect: rerank }
