import type { Call } from '../vendor/script.ts'

/** One chat completion as an app keeps it that has no helper for streams. */
export interface Said {
  readonly text: string
  readonly calls: readonly Call[]
  readonly usage: { readonly prompt_tokens: number; readonly completion_tokens: number } | null | undefined
}

interface Chunk {
  readonly choices: readonly {
    readonly delta: {
      readonly content?: string | null
      readonly tool_calls?: readonly {
        readonly index: number
        readonly id?: string
        readonly function?: { readonly name?: string; readonly arguments?: string }
      }[]
    }
  }[]
  readonly usage?: Said['usage']
}

/** Puts a stream together by the letter of the API: id and name once, arguments piece by piece, in the order of `index`. */
export async function joined(stream: AsyncIterable<Chunk>): Promise<Said> {
  const calls: Call[] = []
  let text = ''
  let counted: Said['usage']
  for await (const { choices, usage } of stream) {
    const { content, tool_calls = [] } = choices[0]?.delta ?? {}
    text += content ?? ''
    counted = usage ?? counted
    for (const { index, id, function: piece } of tool_calls) {
      const known = calls[index] ?? { id: '', name: '', arguments: '' }
      calls[index] = {
        id: id ?? known.id,
        name: piece?.name ?? known.name,
        arguments: known.arguments + (piece?.arguments ?? ''),
      }
    }
  }
  return { text, calls, usage: counted }
}
