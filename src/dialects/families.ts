import type { UpstreamDialect } from '../contract/dialect.ts'
import type { Hub } from '../contract/family.ts'
import { geminiEmbedding, geminiEmbeddings } from './gemini-embeddings.ts'
import { jinaEmbeddings } from './jina-embeddings.ts'
import { ollamaEmbeddings } from './ollama-embeddings.ts'
import { openaiEmbeddings } from './openai-embeddings.ts'
import { openaiImageEdits, openaiImages, openaiImageVariations } from './openai-images.ts'
import { openaiTranscriptions, openaiTranslations } from './openai-listening.ts'
import { openaiModerations } from './openai-moderations.ts'
import { openaiSpeech } from './openai-speech.ts'
import { rerank } from './rerank.ts'
import { voyageEmbeddings } from './voyage-embeddings.ts'
import { voyageRerank } from './voyage-rerank.ts'

/** What providers speak besides conversation. */
export const familyDialects: readonly UpstreamDialect<Hub>[] = [
  ...[geminiEmbedding, geminiEmbeddings, jinaEmbeddings, ollamaEmbeddings, openaiEmbeddings, voyageEmbeddings],
  ...[
    openaiImages,
    openaiImageEdits,
    openaiImageVariations,
    openaiModerations,
    openaiSpeech,
    openaiTranscriptions,
    openaiTranslations,
    rerank,
    voyageRerank,
  ],
]
