import { z } from 'zod'
import { absentIfNull } from '../accept.ts'

// What a client may say in a message: https://platform.claude.com/docs/en/api/messages. Blocks of tools that ran at Anthropic
// (`server_tool_use` and its results) mean nothing to another provider, so they are refused by name.

const textBlock = z.looseObject({ type: z.literal('text'), text: z.string() })

const imageBlock = z.looseObject({
  type: z.literal('image'),
  source: z.discriminatedUnion('type', [
    z.object({ type: z.literal('base64'), media_type: z.string(), data: z.string() }),
    z.object({ type: z.literal('url'), url: z.string() }),
    z.object({ type: z.literal('file'), file_id: z.string() }),
  ]),
})

const documentBlock = z.looseObject({
  type: z.literal('document'),
  title: absentIfNull(z.string()),
  source: z.discriminatedUnion('type', [
    z.object({ type: z.literal('base64'), media_type: z.string(), data: z.string() }),
    z.object({ type: z.literal('text'), data: z.string() }),
    z.object({ type: z.literal('url'), url: z.string() }),
    z.object({ type: z.literal('file'), file_id: z.string() }),
    z.object({ type: z.literal('content'), content: blocksOf(z.discriminatedUnion('type', [textBlock, imageBlock])) }),
  ]),
})

const toolResultBlock = z.looseObject({
  type: z.literal('tool_result'),
  tool_use_id: z.string(),
  content: absentIfNull(blocksOf(z.discriminatedUnion('type', [textBlock, imageBlock, documentBlock]))),
  is_error: absentIfNull(z.boolean()),
})

const toolUseBlock = z.looseObject({ type: z.literal('tool_use'), id: z.string(), name: z.string(), input: z.unknown().optional() })
const thinkingBlock = z.looseObject({ type: z.literal('thinking'), thinking: z.string(), signature: absentIfNull(z.string()) })
const redactedBlock = z.looseObject({ type: z.literal('redacted_thinking'), data: z.string() })

/** `system`, or the content of a message of that role. */
export const instructions = blocksOf(textBlock)
export const said = blocksOf(z.discriminatedUnion('type', [textBlock, imageBlock, documentBlock, toolResultBlock]))
export const answered = blocksOf(z.discriminatedUnion('type', [textBlock, toolUseBlock, thinkingBlock, redactedBlock]))

export type PartBlock = z.output<typeof textBlock> | z.output<typeof imageBlock> | z.output<typeof documentBlock>
export type SaidBlock = PartBlock | z.output<typeof toolResultBlock>
export type AnsweredBlock = z.output<typeof answered>[number]

/** A list of blocks, or a string that stands for one of text. */
function blocksOf<Block extends z.ZodType>(block: Block) {
  return z.preprocess((content) => (typeof content === 'string' ? [{ type: 'text', text: content }] : content), z.array(block))
}
