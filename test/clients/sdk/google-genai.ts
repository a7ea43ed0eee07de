import { ApiError, type Content, type GenerateContentParameters, type GenerateContentResponse, GoogleGenAI, type Part } from '@google/genai'
import { z } from 'zod'
import { type Client, PROMPT, TOOL_DESCRIPTION, TOOL_PARAMETERS, type Tool, thrownBy, Wind } from '../client.ts'
import { TOOL } from '../vendor/script.ts'

export const googleGenai: Client = {
  name: '@google/genai',
  package: '@google/genai',
  vendor: 'google',
  pointed: '`httpOptions: { baseUrl: … }`',
  connect({ url, key }) {
    const { models } = new GoogleGenAI({ apiKey: key, httpOptions: { baseUrl: url } })
    const streamed = async (asked: GenerateContentParameters) => Array.fromAsync(await models.generateContentStream(asked))
    return {
      text: async (model) => heard([await models.generateContent({ model, contents: PROMPT })]),
      stream: async (model) => heard(await streamed({ model, contents: PROMPT })),
      tools: (model, tool) => converse(async (contents) => [await models.generateContent({ model, contents, config: { tools } })], tool),
      streamedTools: (model, tool) => converse((contents) => streamed({ model, contents, config: { tools } }), tool),
      thoughts: (model, { prompt, tool, stream }) => {
        const config = { tools, thinkingConfig: { includeThoughts: true, thinkingBudget: 1024 } }
        const ask = async (contents: Content[]) =>
          stream ? streamed({ model, contents, config }) : [await models.generateContent({ model, contents, config })]
        return converse(ask, tool, prompt)
      },
      async structured(model) {
        const config = { responseMimeType: 'application/json', responseJsonSchema: z.toJSONSchema(Wind) }
        const answer = await models.generateContent({ model, contents: PROMPT, config })
        return JSON.parse(answer.text ?? '')
      },
      refused: (model, contents) => thrownBy(() => models.generateContent({ model, contents }), ApiError),
    }
  },
}

const tools = [{ functionDeclarations: [{ name: TOOL, description: TOOL_DESCRIPTION, parametersJsonSchema: TOOL_PARAMETERS }] }]

type Ask = (contents: Content[]) => Promise<GenerateContentResponse[]>

async function converse(ask: Ask, tool: Tool, prompt = PROMPT): Promise<string> {
  const contents: Content[] = [{ role: 'user', parts: [{ text: prompt }] }]
  const parts = (await ask(contents)).flatMap(({ candidates }) => candidates?.[0]?.content?.parts ?? [])
  const results = parts.flatMap(({ functionCall }): Part[] => {
    const { id, name, args } = functionCall ?? {}
    return name === undefined ? [] : [{ functionResponse: { ...(id !== undefined && { id }), name, response: { output: tool(args) } } }]
  })
  const { text } = heard(await ask([...contents, { role: 'model', parts }, { role: 'user', parts: results }]))
  return text
}

function heard(answers: readonly GenerateContentResponse[]) {
  const { promptTokenCount: input, candidatesTokenCount: output } = answers.at(-1)?.usageMetadata ?? {}
  return { text: answers.map(({ text }) => text ?? '').join(''), input, output }
}
