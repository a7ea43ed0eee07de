import { settingKey } from '../src/contract/ids.ts'
import type { RetiredId } from '../src/contract/registry.ts'

/**
 * Every id that once named a provider, here or in the installations this gateway took over. Rows are only ever added: somewhere a key
 * is still stored under the name each of them gave it.
 */
export const retired: readonly RetiredId[] = [
  ...became('anthropic', ['claude']),
  { id: 'anthropic_opus_4_6', now: 'anthropic', model: 'claude-opus-4-6' },
  ...became('azure', ['azure_openai', 'azure-openai']),
  ...became('dashscope', ['alibaba', 'qwen', 'tongyi', 'bailian', 'model-studio']),
  ...became('deepinfra', ['deep-infra']),
  ...became('fireworks', ['fireworks-ai', 'fireworks_ai']),
  ...became('google', ['gemini', 'google_gemini', 'google-ai-studio', 'makersuite', 'palm']),
  { id: 'google_flash', now: 'google', model: 'gemini-flash-latest' },
  { id: 'google_flash_3_5', now: 'google', model: 'gemini-3.5-flash' },
  { id: 'gemini_flash', now: 'google', model: 'gemini-flash-latest' },
  { id: 'gemini-flash', now: 'google', model: 'gemini-flash-latest' },
  { id: 'gemini_flash_3_5', now: 'google', model: 'gemini-3.5-flash' },
  { id: 'google_pro', now: 'google', model: 'gemini-pro-latest' },
  ...became('huggingface', ['hf', 'hf-router']),
  ...became('kimi-coding', ['kimi-for-coding']),
  ...became('llamacpp', ['llama.cpp']),
  ...became('lmstudio', ['lm_studio']),
  ...became('minimax', ['minimaxi']),
  { id: 'minimax_2_7', now: 'minimax', model: 'MiniMax-M2.7' },
  { id: 'minimax-m2.7', now: 'minimax', model: 'MiniMax-M2.7' },
  { id: 'minimax2.7', now: 'minimax', model: 'MiniMax-M2.7' },
  { id: 'minimax_2_5', now: 'minimax', model: 'MiniMax-M2.5' },
  { id: 'minimax_m3', now: 'minimax', model: 'MiniMax-M3' },
  ...became('mistral', ['mistralai', 'mistral_ai']),
  ...became('moonshot', ['kimi', 'moonshotai']),
  ...became('moonshot-cn', ['moonshotai-cn']),
  ...became('novita', ['novita-ai']),
  ...became('nvidia', ['nvidia_nim', 'nim']),
  { id: 'openai_5_3', now: 'openai' },
  ...became('opencode-zen', ['opencode']),
  ...became('perplexity', ['pplx', 'perplexity-ai']),
  ...became('together', ['togetherai', 'together_ai']),
  ...became('vercel', ['vercel-ai-gateway']),
  ...became('vertex', ['vertex_ai', 'vertexai']),
  ...became('vllm', ['hosted_vllm']),
  ...became('volcengine', ['ark']),
  ...became('xai', ['grok', 'x-ai', 'x_ai']),
  ...became('zai', ['glm', 'zhipu', 'zhipuai', 'bigmodel', 'z-ai']),
  { id: 'glm_5', now: 'zai', model: 'glm-5' },
  ...became('zai-coding', ['zai-coding-plan']),

  ...gone(
    'GITHUB_MODELS_API_KEY',
    ['github-models', 'github'],
    'GitHub closed GitHub Models on 2026-07-30; use openai, or another provider of the model.',
  ),
  ...gone('LUX_API_KEY', ['lux'], 'No provider of this name is known any more; use the provider that serves the model now.'),
]

function became(now: string, ids: readonly string[]): RetiredId[] {
  return ids.map((id) => ({ id, now }))
}

function gone(apiKeyEnv: string, ids: readonly string[], because: string): RetiredId[] {
  return ids.map((id) => ({ id, apiKeyEnv: settingKey(apiKeyEnv), because }))
}
