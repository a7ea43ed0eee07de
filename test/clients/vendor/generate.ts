import { frames, PUZZLE, pieces, Refused, type Say, SIGNATURE, THOUGHT, USAGE, type Wire } from './script.ts'

interface Part {
  readonly text?: string
  readonly thoughtSignature?: string
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
    const prompt = parts.map(({ text }) => text ?? '').join('\n')
    if (prompt.includes(PUZZLE)) contents.forEach(refuseUnsigned)
    return {
      stream: path.includes(':streamGenerateContent'),
      prompt,
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

/** As from Gemini 3 on: the first call of a turn must bring back what marks its thought. */
function refuseUnsigned({ parts }: Body['contents'][number]): void {
  const call = parts.find(({ functionCall }) => functionCall)
  if (call && call.thoughtSignature === undefined) throw new Refused('Function call is missing a thought_signature in functionCall parts.')
}

function parts(say: Say): object[] {
  if ('text' in say) return [{ text: say.text }]
  const functionCall = { name: say.call.name, args: JSON.parse(say.call.arguments) }
  return say.signed
    ? [
        { text: THOUGHT, thought: true },
        { functionCall, thoughtSignature: SIGNATURE },
      ]
    : [{ functionCall }]
}

function answer(parts: readonly object[], finishReason: string | undefined): object {
  const usageMetadata = {
    promptTokenCount: USAGE.input,
    ...(finishReason && { candidatesTokenCount: USAGE.output }),
    totalTokenCount: USAGE.input + (finishReason ? USAGE.output : 0),
  }
  const candidate = { index: 0, content: { role: 'model', parts }, ...(finishReason && { finishReason }) }
  return { candidates: [candidate], usageMetadata, modelVersion: 'mill-1', responseId: 'resp-mill' }
}
