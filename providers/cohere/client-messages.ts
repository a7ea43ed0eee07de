import { z } from 'zod'
import type { ChatMessage, ChatPart, ReasoningDetail } from '../../src/contract/chat.ts'
import { absentIfNull } from '../../src/dialects/accept.ts'
import { reasoningDetail } from '../../src/dialects/reasoning-details.ts'

// What a client may say in a message: https://docs.cohere.com/reference/chat

const textItem = z.looseObject({ type: z.literal('text'), text: z.string() })
const imageItem = z.looseObject({
  type: z.literal('image_url'),
  image_url: z.looseObject({ url: z.string(), detail: absentIfNull(z.string()) }),
})
const thinkingItem = z.looseObject({
  type: z.literal('thinking'),
  thinking: z.string(),
  // Ours: the marks of a thought, which clients hand back with the item they came in.
  reasoning_details: absentIfNull(z.array(reasoningDetail)),
})
const documentItem = z.looseObject({ type: z.literal('document'), document: z.union([z.string(), z.looseObject({})]) })

/** A list of items, or a string that stands for one of text. */
function contentOf<Item extends z.ZodType>(item: Item) {
  return z.preprocess((content) => (typeof content === 'string' ? [{ type: 'text', text: content }] : content), z.array(item))
}

const toolCall = z.looseObject({
  id: z.string(),
  function: z.looseObject({ name: z.string(), arguments: absentIfNull(z.string()) }),
})

export const message = z.discriminatedUnion('role', [
  z.looseObject({ role: z.literal('system'), content: contentOf(textItem) }),
  z.looseObject({ role: z.literal('user'), content: contentOf(z.discriminatedUnion('type', [textItem, imageItem, documentItem])) }),
  z.looseObject({
    role: z.literal('assistant'),
    content: absentIfNull(contentOf(z.discriminatedUnion('type', [textItem, thinkingItem]))),
    tool_calls: absentIfNull(z.array(toolCall)),
    tool_plan: absentIfNull(z.string()),
    citations: absentIfNull(z.array(z.unknown())),
  }),
  z.looseObject({
    role: z.literal('tool'),
    tool_call_id: z.string(),
    content: contentOf(z.discriminatedUnion('type', [textItem, documentItem])),
  }),
])

type Message = z.output<typeof message>
type Item = z.output<typeof textItem> | z.output<typeof imageItem> | z.output<typeof documentItem>

export function decodeMessage(message: Message): ChatMessage {
  switch (message.role) {
    case 'assistant':
      return decodeAssistant(message)
    case 'tool':
      return { role: 'tool', tool_call_id: message.tool_call_id, content: decodeContent(message.content) }
    default:
      return { role: message.role, content: decodeContent(message.content) }
  }
}

/** One plain text is the string that it is. */
function decodeContent(items: readonly Item[]): string | ChatPart[] {
  const [first] = items
  return items.length === 1 && first?.type === 'text' ? first.text : items.map(decodeItem)
}

/** A document is its fields, which a model elsewhere reads as the JSON they are. */
function decodeItem(item: Item): ChatPart {
  if (item.type === 'text') return { type: 'text', text: item.text }
  if (item.type === 'image_url') return { type: 'image_url', image_url: item.image_url }
  return { type: 'text', text: typeof item.document === 'string' ? item.document : JSON.stringify(item.document) }
}

function decodeAssistant({ content = [], tool_calls, tool_plan = '', citations }: Extract<Message, { role: 'assistant' }>): ChatMessage {
  const words = tool_plan + content.map((item) => (item.type === 'text' ? item.text : '')).join('')
  const thoughts = content.flatMap((item) => (item.type === 'thinking' ? [item] : []))
  const thought = thoughts.map(({ thinking }) => thinking).join('')
  const details: ReasoningDetail[] = thoughts.flatMap(({ reasoning_details = [] }) => reasoning_details)
  const calls = tool_calls?.map(({ id, function: { name, arguments: args = '' } }) => ({
    ...{ id, type: 'function' as const },
    function: { name, arguments: args },
  }))
  return {
    role: 'assistant',
    content: words === '' && calls?.length ? null : words,
    ...(thought === '' ? {} : { reasoning_content: thought }),
    ...(details.length > 0 ? { reasoning_details: details } : {}),
    ...(calls?.length ? { tool_calls: calls } : {}),
    ...(citations?.length ? { citations } : {}),
  }
}
