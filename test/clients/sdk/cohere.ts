import { CohereClientV2, CohereError } from 'cohere-ai'
import { type Client, FAMILIES, FEATURES, type Gaps, PROMPT, thrownBy } from '../client.ts'

const NOT_OFFERED = 'the gateway has no `/v2/chat`; Cohere’s own models answer at `/v1/chat/completions`'

export const cohere: Client = {
  name: 'cohere-ai, chat',
  package: 'cohere-ai',
  vendor: 'cohere',
  pointed: '`environment: …`; it adds `/v2`',
  gaps: Object.fromEntries(FAMILIES.flatMap((family) => FEATURES.map((feature) => [`${family}: ${feature}`, NOT_OFFERED]))) satisfies Gaps,
  connect({ url, key }) {
    const client = new CohereClientV2({ environment: url, token: key })
    const say = async (model: string, content = PROMPT) => {
      const { message, usage } = await client.chat({ model, messages: [{ role: 'user', content }] }, { maxRetries: 0 })
      const text = (message.content ?? []).map((part) => (part.type === 'text' ? part.text : '')).join('')
      return { text, input: usage?.tokens?.inputTokens, output: usage?.tokens?.outputTokens }
    }
    const words = async (model: string) => (await say(model)).text
    return {
      text: say,
      stream: say,
      tools: words,
      streamedTools: words,
      thoughts: words,
      structured: words,
      async refused(model, prompt) {
        const { statusCode: status, message } = await thrownBy(() => say(model, prompt), CohereError)
        return { status, message }
      },
    }
  },
}
