import type { Any } from '../contract/dialects/words.ts'

/** What a recorded request says, whichever format said it: enough to ask for the same through chat completions. */
export interface Meaning {
  readonly system: string
  readonly turns: readonly Turn[]
  /** Functions the model may call, by name. */
  readonly tools: readonly string[]
  readonly maxTokens: number | undefined
}

interface Turn {
  readonly role: 'user' | 'assistant'
  readonly text: string
  readonly calls: readonly { name: string; args: unknown }[]
  /** Names of the calls whose results are handed in. */
  readonly results: number
}

export function meaningOf(body: Any): Meaning {
  if (body.contents) return geminiMeaning(body)
  return body.messages.some(isCohere) || body.tools?.some((tool: Any) => tool.function) ? cohereMeaning(body) : anthropicMeaning(body)
}

/** The hub's request for a meaning, with results answering the calls of the turn before. */
export function chatOf(meaning: Meaning, model: string, stream: boolean): object {
  const { system, turns, tools, maxTokens } = meaning
  return {
    model,
    ...(stream && { stream: true, stream_options: { include_usage: true } }),
    messages: [...(system === '' ? [] : [{ role: 'system', content: system }]), ...turns.flatMap(messagesOf)],
    ...(tools.length > 0 && { tools: tools.map((name) => ({ type: 'function', function: { name, parameters: { type: 'object' } } })) }),
    ...(maxTokens !== undefined && { max_completion_tokens: maxTokens }),
  }
}

function messagesOf({ role, text, calls, results }: Turn, at: number): object[] {
  const id = (turn: number, call: number) => `call_${turn}_${call}`
  if (role === 'assistant') {
    const tool_calls = calls.map(({ name, args }, index) => ({
      id: id(at, index),
      type: 'function',
      function: { name, arguments: JSON.stringify(args) },
    }))
    return [{ role, content: text, ...(tool_calls.length > 0 && { tool_calls }) }]
  }
  const answers = Array.from({ length: results }, (_, index) => ({ role: 'tool', tool_call_id: id(at - 1, index), content: 'done' }))
  return [...answers, ...(text === '' ? [] : [{ role, content: text }])]
}

function anthropicMeaning(body: Any): Meaning {
  const turns = body.messages.map(({ role, content }: Any): Turn => {
    const blocks = typeof content === 'string' ? [{ type: 'text', text: content }] : content
    const of = (type: string): Any[] => blocks.filter((block: Any) => block.type === type)
    return {
      role,
      text: of('text')
        .map(({ text }) => text)
        .join(''),
      calls: of('tool_use').map(({ name, input }) => ({ name, args: input })),
      results: of('tool_result').length,
    }
  })
  const system = typeof body.system === 'string' ? body.system : (body.system ?? []).map(({ text }: Any) => text).join('\n')
  const tools = (body.tools ?? []).filter((tool: Any) => tool.input_schema).map(({ name }: Any) => name)
  return { system, turns, tools, maxTokens: body.max_tokens }
}

/** Marks of Cohere's and Ollama's messages, which Anthropic's never have. */
const isCohere = ({ role, tool_calls }: Any): boolean => role === 'tool' || role === 'system' || tool_calls !== undefined

function cohereMeaning(body: Any): Meaning {
  const textOf = (content: Any): string =>
    [content ?? '']
      .flat()
      .map((part: Any) => part.text ?? (typeof part === 'string' ? part : ''))
      .join('')
  const argsOf = (args: Any): unknown => (typeof args === 'string' ? JSON.parse(args) : args)
  const turns: Turn[] = []
  for (const { role, content, tool_plan = '', tool_calls = [] } of body.messages.filter(({ role }: Any) => role !== 'system')) {
    const calls = tool_calls.map((call: Any) => ({ name: call.function.name, args: argsOf(call.function.arguments) }))
    const last = turns.at(-1)
    if (role === 'tool' && last?.role === 'user') turns[turns.length - 1] = { ...last, results: last.results + 1 }
    else if (role === 'tool') turns.push({ role: 'user', text: '', calls: [], results: 1 })
    else turns.push({ role, text: tool_plan + textOf(content), calls, results: 0 })
  }
  const system = body.messages.filter(({ role }: Any) => role === 'system').map(({ content }: Any) => textOf(content))
  return {
    system: system.join('\n'),
    turns,
    tools: (body.tools ?? []).map((tool: Any) => tool.function.name),
    maxTokens: body.max_tokens ?? body.options?.num_predict,
  }
}

function geminiMeaning(body: Any): Meaning {
  const turns = body.contents.map(({ role, parts }: Any): Turn => {
    const of = (kind: string): Any[] => parts.flatMap((part: Any) => part[kind] ?? [])
    return {
      role: role === 'model' ? 'assistant' : 'user',
      text: of('text').join(''),
      calls: of('functionCall').map(({ name, args }) => ({ name, args: args ?? {} })),
      results: of('functionResponse').length,
    }
  })
  const declared = (body.tools ?? []).flatMap((tool: Any) => tool.functionDeclarations ?? [])
  return {
    system: [body.systemInstruction?.parts ?? []]
      .flat()
      .map(({ text }: Any) => text)
      .join('\n'),
    turns,
    tools: declared.map(({ name }: Any) => name),
    maxTokens: body.generationConfig?.maxOutputTokens,
  }
}
