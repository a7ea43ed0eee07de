import Anthropic from '@anthropic-ai/sdk'
import { GoogleGenAI } from '@google/genai'
import { OpenAIEmbeddings } from '@langchain/openai'
import { CohereClient, CohereClientV2 } from 'cohere-ai'
import OpenAI from 'openai'
import { type Gate, PROMPT } from './client.ts'
import { VECTOR } from './vendor/others.ts'
import { USAGE } from './vendor/script.ts'
import { MODELS } from './world.ts'

/** A call besides conversation: as the page names it, and what the app gets. */
export interface OtherCall {
  readonly name: string
  readonly expected: unknown
  ask(gate: Gate): Promise<unknown>
}

const openai = ({ url, key }: Gate) => new OpenAI({ baseURL: `${url}/v1`, apiKey: key, maxRetries: 0 })
const anthropic = ({ url, key }: Gate) => new Anthropic({ baseURL: url, apiKey: key, maxRetries: 0 })
const cohere = ({ url, key }: Gate) => new CohereClientV2({ environment: url, token: key, maxRetries: 0 })
const google = ({ url, key }: Gate) => new GoogleGenAI({ apiKey: key, httpOptions: { baseUrl: url } })

const LISTED = 'gpt-5-mini'
const EMBEDS = 'openai/text-embedding-3-small'
const COHERE_EMBEDS = 'cohere/embed-v4.0'

export const calls: readonly OtherCall[] = [
  {
    name: 'openai models.list',
    expected: true,
    ask: async (gate) => (await Array.fromAsync(openai(gate).models.list())).some(({ id }) => id === LISTED),
  },
  {
    name: '@anthropic-ai/sdk models.list',
    expected: true,
    ask: async (gate) => (await Array.fromAsync(anthropic(gate).models.list())).some(({ id }) => id === LISTED),
  },
  {
    name: '@google/genai models.list',
    expected: true,
    ask: async (gate) => (await Array.fromAsync(await google(gate).models.list())).some(({ name }) => name === `models/${LISTED}`),
  },
  {
    name: 'openai models.retrieve, of a name with a slash',
    expected: MODELS.openai,
    ask: async (gate) => (await openai(gate).models.retrieve(MODELS.openai)).id,
  },
  {
    name: '@google/genai models.get, of a name with a slash',
    expected: `models/${MODELS.google}`,
    ask: async (gate) => (await google(gate).models.get({ model: MODELS.google })).name,
  },
  {
    name: '@anthropic-ai/sdk messages.countTokens, of Anthropic',
    expected: USAGE.input,
    ask: async (gate) => {
      const asked = { model: MODELS.anthropic, messages: [{ role: 'user' as const, content: PROMPT }] }
      return (await anthropic(gate).messages.countTokens(asked)).input_tokens
    },
  },
  {
    name: '@google/genai models.countTokens, of Gemini',
    expected: USAGE.input,
    ask: async (gate) => (await google(gate).models.countTokens({ model: MODELS.google, contents: PROMPT })).totalTokens,
  },
  {
    name: 'openai embeddings.create, which asks for base64',
    expected: VECTOR,
    ask: async (gate) => (await openai(gate).embeddings.create({ model: EMBEDS, input: PROMPT })).data[0]?.embedding,
  },
  {
    name: '@langchain/openai embedQuery',
    expected: VECTOR,
    ask: ({ url, key }) =>
      new OpenAIEmbeddings({ model: EMBEDS, apiKey: key, maxRetries: 0, configuration: { baseURL: `${url}/v1` } }).embedQuery(PROMPT),
  },
  ...[EMBEDS, COHERE_EMBEDS].map((model) => ({
    name: `cohere-ai embed, of ${model.split('/')[0]}`,
    expected: [VECTOR],
    ask: async (gate: Gate) => {
      const asked = { model, texts: [PROMPT], inputType: 'search_query' as const, embeddingTypes: ['float' as const] }
      return (await cohere(gate).embed(asked)).embeddings.float
    },
  })),
  {
    name: 'cohere-ai embed of version 1, of openai',
    expected: [VECTOR],
    ask: async ({ url, key }) => {
      const client = new CohereClient({ environment: url, token: key, maxRetries: 0 })
      return (await client.embed({ model: EMBEDS, texts: [PROMPT], inputType: 'search_query' })).embeddings
    },
  },
  {
    name: 'cohere-ai rerank',
    expected: [1, 0],
    ask: async (gate) => {
      const asked = { model: 'cohere/rerank-v3.5', query: PROMPT, documents: ['calm', 'windy'] }
      return (await cohere(gate).rerank(asked)).results.map(({ index }) => index)
    },
  },
]
