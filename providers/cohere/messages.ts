import type { ChatMessage, ChatPart } from '../../src/contract/chat.ts'
import { type Located, partsOf } from '../../src/dialects/conversation.ts'
import type { Fields } from '../../src/dialects/fields.ts'
import { mediaShownByUser } from '../../src/dialects/openai-chat/tool-media.ts'
import { unsayable } from '../../src/dialects/unsayable.ts'

/** `messages`: https://docs.cohere.com/reference/chat */
export function encodeMessages(messages: readonly ChatMessage[]): object[] {
  return mediaShownByUser(messages).map((message, index) => encodeMessage({ message, at: `messages.${index}` }))
}

function encodeMessage(located: Located): object {
  const { message, at } = located
  switch (message.role) {
    case 'system':
    case 'developer':
      return { role: 'system', content: encodeContent(located) }
    case 'user':
      return { role: 'user', content: encodeContent(located) }
    case 'assistant':
      return encodeAssistant(located)
    case 'tool':
      if (message.tool_call_id === undefined) throw unsayable(`${at}.tool_call_id`, 'is missing.')
      return { role: 'tool', tool_call_id: message.tool_call_id, content: encodeContent(located) }
    default:
      throw unsayable(at, 'messages of role function are not translated: use tools and role tool.')
  }
}

/** What a model says before it calls is its plan here, as it was when it came. */
function encodeAssistant(located: Located): object {
  const { reasoning_content: thinking, tool_calls = [], citations } = located.message
  const said = wordsOf(located)
  const thoughts = thinking ? [{ type: 'thinking', thinking }] : []
  const words = said === '' || tool_calls.length > 0 ? [] : [{ type: 'text', text: said }]
  const content = [...thoughts, ...words]
  return {
    role: 'assistant',
    ...(content.length > 0 || tool_calls.length === 0 ? { content: content.length > 0 ? content : '' } : {}),
    ...(tool_calls.length > 0
      ? {
          tool_plan: said || undefined,
          tool_calls: tool_calls.map(({ id, function: { name, arguments: args } }) => ({
            id,
            type: 'function',
            function: { name, arguments: args || '{}' },
          })),
        }
      : {}),
    citations,
  }
}

function wordsOf({ message, at }: Located): string {
  return partsOf(message)
    .map((part, index) => textOf(part, `${at}.content.${index}`))
    .join('')
}

function textOf(part: ChatPart, at: string): string {
  if (part.type === 'text') return part.text
  if (part.type === 'refusal') return part.refusal
  throw unsayable(at, `this model takes no ${String(part.type)} here.`)
}

function encodeContent({ message, at }: Located): string | Fields[] {
  if (typeof message.content === 'string') return message.content
  return partsOf(message).map((part, index) => encodePart(part, `${at}.content.${index}`))
}

function encodePart(part: ChatPart, at: string): Fields {
  if (part.type !== 'image_url') return { type: 'text', text: textOf(part, at) }
  const { url, detail } = part.image_url
  return { type: 'image_url', image_url: { url, detail } }
}
