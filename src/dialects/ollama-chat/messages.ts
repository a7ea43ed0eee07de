import type { ChatMessage, ChatPart } from '../../contract/chat.ts'
import { type Located, partsOf } from '../conversation.ts'
import { readUrl } from '../media.ts'
import { mediaShownByUser } from '../openai-chat/tool-media.ts'
import { parseArguments } from '../tool-arguments.ts'
import { unsayable } from '../unsayable.ts'

/** `messages`: https://docs.ollama.com/api/chat */
export function encodeMessages(messages: readonly ChatMessage[]): object[] {
  const names = new Map(messages.flatMap(({ tool_calls = [] }) => tool_calls.map(({ id, function: { name } }) => [id, name] as const)))
  return mediaShownByUser(messages).map((message, index) => encodeMessage({ message, at: `messages.${index}` }, names))
}

/** Results are told apart by the name of their tool; newer versions know ids, too. */
function encodeMessage(located: Located, names: ReadonlyMap<string, string>): object {
  const { message, at } = located
  const said = encodeContent(located)
  switch (message.role) {
    case 'developer':
      return { role: 'system', ...said }
    case 'assistant':
      return { role: 'assistant', ...said, thinking: message.reasoning_content || undefined, ...encodeCalls(located) }
    case 'tool':
      if (message.tool_call_id === undefined) throw unsayable(`${at}.tool_call_id`, 'is missing.')
      return { role: 'tool', ...said, tool_name: names.get(message.tool_call_id), tool_call_id: message.tool_call_id }
    case 'function':
      throw unsayable(at, 'messages of role function are not translated: use tools and role tool.')
    default:
      return { role: message.role, ...said }
  }
}

function encodeCalls({ message: { tool_calls = [] }, at }: Located): object {
  if (tool_calls.length === 0) return {}
  return {
    tool_calls: tool_calls.map((call, index) => ({
      id: call.id,
      function: { index, name: call.function.name, arguments: parseArguments(call, `${at}.tool_calls.${index}`) },
    })),
  }
}

/** Content is one text here, with its pictures beside it. */
function encodeContent({ message, at }: Located): { content: string; images?: string[] } {
  const words: string[] = []
  const images: string[] = []
  for (const [index, part] of partsOf(message).entries()) {
    if (part.type === 'image_url') images.push(pictureOf(part.image_url.url, `${at}.content.${index}`))
    else words.push(textOf(part, `${at}.content.${index}`))
  }
  return { content: words.join('\n'), ...(images.length > 0 ? { images } : {}) }
}

function textOf(part: ChatPart, at: string): string {
  if (part.type === 'text') return part.text
  if (part.type === 'refusal') return part.refusal
  throw unsayable(at, `this model takes no ${String(part.type)}.`)
}

function pictureOf(url: string, at: string): string {
  const media = readUrl(url, at)
  if ('url' in media) throw unsayable(at, 'this server fetches no pictures: send it as a data: URL.')
  return media.base64
}
