import type { Client } from '../client.ts'
import { aiAnthropic, aiCompatible, aiGoogle, aiOpenai, aiOpenaiChat } from './ai-sdk.ts'
import { anthropic } from './anthropic.ts'
import { cohere } from './cohere.ts'
import { googleGenai } from './google-genai.ts'
import { groq } from './groq.ts'
import { langchain } from './langchain.ts'
import { mistral } from './mistral.ts'
import { openaiChat } from './openai-chat.ts'
import { openaiResponses } from './openai-responses.ts'

export const clients: readonly Client[] = [
  openaiChat,
  openaiResponses,
  anthropic,
  googleGenai,
  aiOpenai,
  aiOpenaiChat,
  aiAnthropic,
  aiGoogle,
  aiCompatible,
  langchain,
  groq,
  mistral,
  cohere,
]
