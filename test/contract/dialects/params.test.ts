import { describe, expect, it } from 'vitest'
import type { ChatRequest } from '../../../src/contract/chat.ts'
import type { UpstreamDialect } from '../../../src/contract/dialect.ts'
import { paramsDropped, paramsRefused } from '../../../src/contract/params.ts'
import { upstreamDialects } from '../../../src/dialects/dialects.ts'
import { params as hub } from '../../../src/dialects/openai-chat/params.ts'
import { GatewayError } from '../../../src/errors.ts'
import { conversing } from '../../support/conversing.ts'

// What a dialect's table says of a parameter is what becomes of it: nothing vanishes unsaid.

/** Of a vendor whose models take whatever its dialect can say. */
const MODEL = 'anthropic.m'
const TOOL = { type: 'function', function: { name: 'look', parameters: { type: 'object' } } }
const CALLED = { role: 'assistant', tool_calls: [{ id: 'c1', type: 'function', function: { name: 'look', arguments: '{}' } }] }
const FILE = { type: 'file', file: { filename: 'a.pdf', file_data: 'data:application/pdf;base64,AAAA' } }
const PICTURE = { type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA', detail: 'canary-detail' } }

/** A value for every listed parameter that asks for something and can be told apart in a body. */
const VALUES: Record<string, unknown> = {
  additionalModelRequestFields: { own: 'canary-own' },
  additionalModelResponseFieldPaths: ['/canary-path'],
  anthropic_beta: ['canary-beta'],
  background: true,
  cached_content: 'cachedContents/canary-cached',
  citation_options: { mode: 'canary-citing' },
  client_metadata: { app: 'canary-app' },
  compaction: { threshold: 'canary-threshold' },
  container: { id: 'canary-container' },
  context_management: { edits: [{ type: 'canary-edit' }] },
  conversation: 'canary-conversation',
  diagnostics: { note: 'canary-diagnostics' },
  documents: ['canary-document'],
  generation_config: { speechConfig: { voice: 'canary-voice' } },
  guardrailConfig: { guardrailIdentifier: 'canary-guardrail' },
  guardrails: [{ note: 'canary-guard' }],
  hosted_items: ['canary-item'],
  hosted_tools: ['canary-hosted'],
  include: ['canary-include'],
  inference_geo: 'canary-geo',
  keep_alive: 73_373,
  labels: { team: 'canary-label' },
  max_tool_calls: 73_373,
  mcp_servers: [{ type: 'url', name: 'canary-mcp', url: 'https://mcp.example' }],
  options: { num_ctx: 73_373 },
  performanceConfig: { latency: 'canary-latency' },
  previous_response_id: 'canary-response',
  priority: 73_373,
  prompt: { id: 'canary-prompt' },
  promptVariables: { name: { text: 'canary-variable' } },
  reasoning_context: 'canary-context',
  reasoning_mode: 'canary-mode',
  reasoning_summary: 'canary-summary',
  safe_prompt: 73_373,
  safety_mode: 'canary-safe',
  requestMetadata: { note: 'canary-request' },
  safety_settings: [{ category: 'canary-category', threshold: 'BLOCK_NONE' }],
  speed: 'canary-fast',
  truncation: 'canary-auto',
  user_profile_id: 'canary-profile',
  workspace_id: 'canary-workspace',
  audio: { voice: 'canary-voice' },
  cache_control: { type: 'canary-cache' },
  frequency_penalty: 0.731,
  function_call: { name: 'canary-call' },
  functions: [{ name: 'canary-function' }],
  logit_bias: { '4242': -73 },
  logprobs: true,
  max_completion_tokens: 7311,
  max_tokens: 7312,
  messages: [{ role: 'user', content: 'canary-words' }],
  metadata: { note: 'canary-note' },
  modalities: ['text', 'image'],
  model: 'canary-model',
  moderation: { model: 'canary-moderation' },
  n: 3,
  parallel_tool_calls: false,
  prediction: { type: 'content', content: 'canary-prediction' },
  presence_penalty: 0.732,
  prompt_cache_key: 'canary-key',
  prompt_cache_options: { mode: 'canary-mode' },
  prompt_cache_retention: 'canary-24h',
  reasoning: { effort: 'high' },
  reasoning_effort: 'low',
  response_format: { type: 'json_schema', json_schema: { name: 'x', schema: { type: 'object', title: 'canary-schema' } } },
  safety_identifier: 'canary-safety',
  seed: 73_373,
  service_tier: 'canary-tier',
  stop: ['canary-stop'],
  store: true,
  stream: true,
  stream_options: { include_usage: true },
  temperature: 0.733,
  thinking: { type: 'enabled', budget_tokens: 7333 },
  tool_choice: 'required',
  tools: [{ ...TOOL, function: { ...TOOL.function, description: 'canary-tool' } }],
  top_k: 73,
  top_logprobs: 7,
  top_p: 0.734,
  user: 'canary-user',
  verbosity: 'canary-low',
  web_search_options: { search_context_size: 'canary-size' },
  'messages.audio': [{ role: 'assistant', content: 'a', audio: { id: 'canary-audio' } }],
  'messages.cache_control': [{ role: 'user', content: 'a', cache_control: { type: 'canary-mark' } }],
  'messages.citations': [{ role: 'assistant', content: 'a', citations: [{ text: 'canary-citation' }] }],
  'messages.content.cache_control': [{ role: 'user', content: [{ type: 'text', text: 'a', cache_control: { type: 'canary-mark' } }] }],
  'messages.content.image_url.detail': [{ role: 'user', content: [PICTURE] }],
  'messages.content.citations': [{ role: 'user', content: [{ ...FILE, citations: { note: 'canary-citations' } }] }],
  'messages.content.context': [{ role: 'user', content: [{ ...FILE, context: 'canary-context' }] }],
  'messages.is_error': [CALLED, { role: 'tool', tool_call_id: 'c1', content: 'no', is_error: true }],
  'messages.function_call': [{ role: 'assistant', content: 'a', function_call: { name: 'canary-call' } }],
  'messages.prefix': [{ role: 'assistant', content: 'a', prefix: 'canary-prefix' }],
  'messages.name': [{ role: 'user', content: 'a', name: 'canary-name' }],
  'messages.reasoning_content': [{ role: 'assistant', content: 'a', reasoning_content: 'canary-thought' }],
  'tools.allowed_callers': [{ ...TOOL, allowed_callers: ['canary-caller'] }],
  'tools.defer_loading': [{ ...TOOL, defer_loading: 'canary-defer' }],
  'tools.eager_input_streaming': [{ ...TOOL, eager_input_streaming: 'canary-eager' }],
  'tools.freeform': [{ ...TOOL, freeform: 'canary-freeform' }],
  'tools.input_examples': [{ ...TOOL, input_examples: [{ canary: 'canary-example' }] }],
  'tools.cache_control': [{ ...TOOL, cache_control: { type: 'canary-mark' } }],
  'tools.function.strict': [{ ...TOOL, function: { ...TOOL.function, strict: true } }],
}

/** What only means something beside tools, and what stands inside another parameter. */
const BESIDE: Record<string, Record<string, unknown>> = {
  'messages.content.citations': { messages: [{ role: 'user', content: [FILE] }] },
  'messages.content.context': { messages: [{ role: 'user', content: [FILE] }] },
  'messages.is_error': { messages: [CALLED, { role: 'tool', tool_call_id: 'c1', content: 'no' }] },
  'tools.allowed_callers': { tools: [TOOL] },
  'tools.defer_loading': { tools: [TOOL] },
  'tools.eager_input_streaming': { tools: [TOOL] },
  'tools.freeform': { tools: [TOOL] },
  'tools.input_examples': { tools: [TOOL] },
  parallel_tool_calls: { tools: [TOOL] },
  tool_choice: { tools: [TOOL] },
  'messages.cache_control': { messages: [{ role: 'user', content: 'a' }] },
  'messages.content.cache_control': { messages: [{ role: 'user', content: [{ type: 'text', text: 'a' }] }] },
  'tools.cache_control': { tools: [TOOL] },
  'tools.function.strict': { tools: [TOOL] },
}

/** Honoured by the client's side of the gateway: no body shows it. */
const BY_GATEWAY = ['stream_options']

describe.each(conversing)('the parameters of $id', (dialect) => {
  const listed = Object.entries(dialect.params)
  const names = (fate: string): string[] => listed.filter(([name, has]) => has === fate && !BY_GATEWAY.includes(name)).map(([name]) => name)

  it('has a row for every parameter of the hub', () => {
    expect(Object.keys(hub).filter((name) => !(name in dialect.params))).toEqual([])
  })

  it('has a value here for every row', () => {
    expect(listed.map(([name]) => name).filter((name) => !(name in VALUES))).toEqual([])
  })

  it.for(names('mapped'))('says %s', (name) => {
    expect(wire(dialect, asking(name))).not.toBe(wire(dialect, base(name)))
    expect(paramsDropped(asking(name), dialect)).not.toContain(name)
  })

  it.for(names('dropped').filter((name) => isSayable(dialect, name)))('leaves %s out and names it', (name) => {
    expect(wire(dialect, asking(name))).not.toMatch(/canary-|0\.73|73373|4242/)
    expect(paramsDropped(asking(name), dialect)).toContain(name)
  })

  it.for(names('refused'))('refuses %s by name', (name) => {
    expect(paramsRefused(asking(name), dialect)).toEqual([name])
  })

  it('misses no default and no null', () => {
    const habits = {
      n: 1,
      logprobs: false,
      presence_penalty: 0,
      frequency_penalty: 0,
      logit_bias: {},
      seed: null,
      user: '',
      store: false,
      top_logprobs: null,
      audio: null,
    }
    const chat = { ...base(''), ...habits, parallel_tool_calls: true, modalities: ['text'], service_tier: 'auto' }
    expect({ dropped: paramsDropped(chat, dialect), refused: paramsRefused(chat, dialect) }).toEqual({ dropped: [], refused: [] })
  })

  it('sends a field nobody listed on, or names it', () => {
    const chat = { ...base(''), surprise: 'canary-surprise' }
    const sent = wire(dialect, chat).includes('canary-surprise')
    expect({ sent, named: paramsDropped(chat, dialect) }).toEqual({ sent: dialect.unlisted === 'mapped', named: sent ? [] : ['surprise'] })
  })
})

describe('what a provider is known to refuse', () => {
  const quirks = { unsupportedParams: ['seed', 'top_p'], supportsTemperature: false }

  it.for(conversing)('is left out and named: $id', (dialect) => {
    const chat: ChatRequest = { ...base(''), top_p: 0.734, temperature: 0.733 }
    const sent = JSON.stringify(dialect.encodeRequest(chat, { stream: false, quirks }))
    expect(sent).not.toMatch(/0\.73/)
    expect(paramsDropped(chat, dialect, quirks).sort()).toEqual(['temperature', 'top_p'])
  })
})

it('names thoughts as dropped only where their marks are missing', () => {
  const anthropic = upstreamDialects.get('anthropic-messages')!
  const said = { role: 'assistant', content: 'a', reasoning_content: 'b' } as const
  const marked = { ...said, reasoning_details: [{ type: 'reasoning.text', text: 'b', signature: 'c' }] as const }
  const dropped = (messages: unknown): string[] => paramsDropped({ model: 'm', messages } as ChatRequest, anthropic)
  expect([dropped([said]), dropped([marked]), dropped([marked, said])]).toEqual([
    ['messages.reasoning_content'],
    [],
    ['messages.reasoning_content'],
  ])
})

function base(name: string): ChatRequest {
  return { model: MODEL, messages: [{ role: 'user', content: 'hello' }], ...BESIDE[name] }
}

function asking(name: string): ChatRequest {
  const [field = ''] = name.split('.')
  return { ...base(name), [field]: VALUES[name] }
}

/** What only files carry is not asked of a dialect that takes none. */
function isSayable(dialect: UpstreamDialect, name: string): boolean {
  try {
    return wire(dialect, base(name)) !== ''
  } catch (error) {
    if (error instanceof GatewayError) return false
    throw error
  }
}

/** The whole request as a provider sees it. */
function wire(dialect: UpstreamDialect, chat: ChatRequest): string {
  const stream = chat.stream === true
  return dialect.path({ model: chat.model, stream }) + JSON.stringify(dialect.encodeRequest(chat, { stream, quirks: {} }))
}
