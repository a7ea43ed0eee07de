import type { ChatRequest, ChatTool } from '../../contract/chat.ts'
import { type Fields, fields, text } from '../fields.ts'
import { parsedObject } from '../tool-arguments.ts'

// A custom tool takes free text, perhaps by a grammar. Providers without such tools are shown a function with the one parameter `input`,
// whose calls come back to the client as calls of its own tool. https://platform.openai.com/docs/guides/function-calling#custom-tools

export interface Custom {
  readonly name: string
  readonly description?: string | undefined
  readonly format?: Fields | undefined
}

/** A model that cannot be held to a grammar is at least told it. */
export function freeformTool({ name, description, format }: Custom): ChatTool {
  const grammar = format?.type === 'grammar' ? format : undefined
  const input = grammar === undefined ? {} : { description: `Text that follows this ${grammar.syntax} grammar:\n${grammar.definition}` }
  const parameters = {
    type: 'object',
    properties: { input: { type: 'string', ...input } },
    required: ['input'],
    additionalProperties: false,
  }
  return { type: 'function', function: { name, description, parameters }, freeform: grammar === undefined ? {} : { format: grammar } }
}

/** The names of a request's freeform tools. */
export function freeformNames(request: ChatRequest | undefined): ReadonlySet<string> {
  return new Set((request?.tools ?? []).flatMap((tool) => (tool.freeform && tool.function ? [tool.function.name] : [])))
}

export function wrapInput(input: string): string {
  return JSON.stringify({ input })
}

/** A model that did not follow the schema is given the benefit of the doubt: its arguments are the text. */
export function unwrapInput(written: string): string {
  return text(fields(parsedObject(written)).input) ?? written
}
