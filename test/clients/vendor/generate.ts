import { frames, pieces, type Say, USAGE, type Wire } from './script.ts'

interface Part {
  readonly text?: string
  readonly functionCall?: { readonly id?: string; readonly name: string; readonly args?: object }
  readonly functionResponse?: { readonly id?: string; readonly name: string; readonly response: object }
}

interface Body {
  readonly contents: readonly { readonly role?: string; readonly parts: readonly Part[] }[]
  readonly tools?: readonly { readonly functionDeclarations?: readonly { readonly name: string }[] }[]
  readonly generationConfig?: { readonly responseSchema?: object; readonly responseJsonSchema?: object }
}

/** https://ai.google.dev/api/generate-content */
export const generate: Wire = {
  read(text, path) {
    const { contents, tools = [], generationConfig: { responseSchema, responseJsonSchema } = {} }: Body = JSON.parse(text)
    const parts = contents.flatMap(({ parts }) => parts)
    return {
      stream: path.includes(':streamGenerateContent'),
      prompt: parts.map(({ text }) => text ?? '').join('\n'),
      tools: tools.flatMap(({ functionDeclarations = [] }) => functionDeclarations).map(({ name }) => name),
      structured: (responseJsonSchema ?? responseSchema) !== undefined,
      calls: parts.flatMap(({ functionCall: call }) =>
        call ? [{ id: call.id ?? call.name, name: call.name, arguments: JSON.stringify(call.args) }] : [],
      ),
      results: parts.flatMap(({ functionResponse: result }) =>
        result ? [{ call: result.id ?? result.name, text: Object.values(result.response).map(String).join('\n') }] : [],
      ),
    }
  },
  whole: (say) => answer(parts(say), 'STOP'),
  stream: (say) => {
    const pushed = 'text' in say ? pieces(say.text).map((text) => [{ text }]) : [parts(say)]
    return frames(
      pushed.map((parts, at) => answer(parts, at === pushed.length - 1 ? 'STOP' : undefined)),
      false,
    )
  },
  refusal: (message) => ({ error: { code: 400, message, status: 'INVALID_ARGUMENT' } }),
}

const parts = (say: Say): object[] =>
  'text' in say ? [{ text: say.text }] : [{ functionCall: { name: say.call.name, args: JSON.parse(say.call.arguments) } }]

function answer(parts: readonly object[], finishReason: string | undefined): object {
  const usageMetadata = {
    promptTokenCount: USAGE.input,
    ...(finishReason && { candidatesTokenCount: USAGE.output }),
    totalTokenCount: USAGE.input + (finishReason ? USAGE.output : 0),
  }
  const candidate = { index: 0, content: { role: 'model', parts }, ...(finishReason && { finishReason }) }
  return { candidates: [candidate], usageMetadata, modelVersion: 'mill-1', responseId: 'resp-mill' }
}
