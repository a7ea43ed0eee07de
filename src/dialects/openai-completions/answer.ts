import type { ChatChunk, ChatResponse } from '../../contract/chat.ts'
import type { SseEvent, Step, StreamContext } from '../../contract/dialect.ts'
import { encodeLogprobs } from './logprobs.ts'

/** The text alone: this protocol has no place for thoughts or calls. https://platform.openai.com/docs/api-reference/completions/object */
export function encodeResponse({ id, created, model, choices, usage }: ChatResponse): object {
  return {
    id,
    object: 'text_completion',
    created,
    model,
    choices: choices.map(({ index, message, finish_reason, logprobs }) => ({
      index,
      text: typeof message.content === 'string' ? message.content : '',
      finish_reason,
      logprobs: encodeLogprobs(logprobs, 0),
    })),
    usage,
  }
}

export function encodeStream({ includeUsage }: StreamContext): Step<ChatChunk, SseEvent> {
  /** How much of each choice was said. */
  const lengths = new Map<number, number>()
  return {
    push({ id, created, model, choices, usage }) {
      const said = choices.flatMap(({ index, delta, finish_reason, logprobs }) => {
        const text = delta.content ?? ''
        if (text === '' && finish_reason === null) return []
        const length = lengths.get(index) ?? 0
        lengths.set(index, length + text.length)
        return [{ index, text, finish_reason, logprobs: encodeLogprobs(logprobs, length) }]
      })
      const isUsage = choices.length === 0 && usage !== undefined && includeUsage
      if (said.length === 0 && !isUsage) return []
      const chunk = { id, object: 'text_completion', created, model, choices: said, ...(isUsage ? { usage } : {}) }
      return [{ data: JSON.stringify(chunk) }]
    },
    end: () => [{ data: '[DONE]' }],
  }
}
