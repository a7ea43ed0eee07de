import OpenAI from 'openai'

/** An app as somebody else would write it: it knows a base URL, a key and a model, and nothing of what is behind them. */
export function titleWriter(options: { baseURL: string; apiKey: string }): (text: string) => Promise<string> {
  const openai = new OpenAI({ ...options, maxRetries: 0 })
  return async (text) => {
    const stream = await openai.chat.completions.create({
      model: 'openai/gpt-5-mini',
      stream: true,
      messages: [
        { role: 'system', content: 'Answer with a title of at most five words.' },
        { role: 'user', content: text },
      ],
    })
    let title = ''
    for await (const chunk of stream) title += chunk.choices[0]?.delta.content ?? ''
    return title
  }
}
