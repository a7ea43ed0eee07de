import { z } from 'zod'
import { absentIfNull } from '../accept.ts'

// What a client may ask: https://ai.google.dev/api/generate-content. Google's JSON takes names in two spellings (`inlineData`, `inline_data`)
// and a single item for a list of one: https://protobuf.dev/programming-guides/json

const media = named({ mimeType: absentIfNull(z.string()), data: z.string(), displayName: absentIfNull(z.string()) })
const file = named({ mimeType: absentIfNull(z.string()), fileUri: z.string(), displayName: absentIfNull(z.string()) })
const mediaPart = named({ inlineData: absentIfNull(media), fileData: absentIfNull(file) })

/** Strict, because a field that is left out (`videoMetadata`, `executableCode`) would change what is said. */
const part = named({
  text: absentIfNull(z.string()),
  thought: absentIfNull(z.boolean()),
  thoughtSignature: absentIfNull(z.string()),
  inlineData: absentIfNull(media),
  fileData: absentIfNull(file),
  functionCall: absentIfNull(named({ id: absentIfNull(z.string()), name: z.string(), args: z.unknown().optional() })),
  functionResponse: absentIfNull(
    named({ id: absentIfNull(z.string()), name: z.string(), response: z.unknown().optional(), parts: absentIfNull(listOf(mediaPart)) }),
  ),
})

const content = named({ role: absentIfNull(z.enum(['user', 'model', 'function'])), parts: absentIfNull(listOf(part)) })

const declaration = loose({
  name: z.string(),
  description: absentIfNull(z.string()),
  parameters: absentIfNull(z.unknown()),
  parametersJsonSchema: absentIfNull(z.unknown()),
})

const tool = loose({ functionDeclarations: absentIfNull(listOf(declaration)) })

const toolConfig = loose({
  functionCallingConfig: absentIfNull(
    loose({
      mode: absentIfNull(z.enum(['MODE_UNSPECIFIED', 'AUTO', 'ANY', 'NONE', 'VALIDATED'])),
      allowedFunctionNames: absentIfNull(z.array(z.string())),
    }),
  ),
})

const number = absentIfNull(z.number())

const generationConfig = loose({
  temperature: number,
  topP: number,
  topK: number,
  maxOutputTokens: number,
  candidateCount: number,
  stopSequences: absentIfNull(z.array(z.string())),
  seed: number,
  presencePenalty: number,
  frequencyPenalty: number,
  responseLogprobs: absentIfNull(z.boolean()),
  logprobs: number,
  responseModalities: absentIfNull(z.array(z.string())),
  responseMimeType: absentIfNull(z.enum(['text/plain', 'application/json'])),
  responseSchema: absentIfNull(z.unknown()),
  responseJsonSchema: absentIfNull(z.unknown()),
  thinkingConfig: absentIfNull(
    named({ includeThoughts: absentIfNull(z.boolean()), thinkingBudget: number, thinkingLevel: absentIfNull(z.string()) }),
  ),
})

export const generateRequest = named({
  model: absentIfNull(z.string()),
  contents: listOf(content),
  systemInstruction: absentIfNull(content),
  tools: absentIfNull(listOf(tool)),
  toolConfig: absentIfNull(toolConfig),
  generationConfig: absentIfNull(generationConfig),
  safetySettings: absentIfNull(z.unknown()),
  cachedContent: absentIfNull(z.string()),
  labels: absentIfNull(z.unknown()),
  serviceTier: absentIfNull(z.string()),
  store: absentIfNull(z.boolean()),
})

export type Content = z.output<typeof content>
export type Part = z.output<typeof part>
export type Media = z.output<typeof mediaPart>
export type Tool = z.output<typeof tool>
export type ToolConfig = z.output<typeof toolConfig>
export type GenerationConfig = z.output<typeof generationConfig>

function named<Shape extends z.ZodRawShape>(shape: Shape) {
  return z.preprocess(camelled, z.strictObject(shape))
}

function loose<Shape extends z.ZodRawShape>(shape: Shape) {
  return z.preprocess(camelled, z.looseObject(shape))
}

function listOf<Item extends z.ZodType>(item: Item) {
  return z.preprocess((value) => (Array.isArray(value) || value === undefined || value === null ? value : [value]), z.array(item))
}

function camelled(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [name.replace(/_([a-z])/g, (_, letter) => letter.toUpperCase()), inner]),
  )
}
