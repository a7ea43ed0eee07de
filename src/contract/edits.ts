/** What may be edited in a body whose other bytes pass untouched. */
export interface DialectEdits {
  /** The body names the model in `model`; else the path does. */
  readonly model: boolean
  /** Usage in a stream is asked for with `stream_options.include_usage`. */
  readonly usage: boolean
  /** The limit of output tokens has two names, `max_tokens` and `max_completion_tokens`. */
  readonly maxTokens: boolean
  /** Each item of this list names the model too, as `model` writes it. */
  readonly items?: { readonly field: string; model(wireModel: string): string }
  /** Top-level fields that the path says in their place. */
  readonly inPath?: readonly string[]
  /** Top-level fields of every body, by name, as JSON text. */
  readonly always?: Readonly<Record<string, string>>
  /**
   * A header of the client's with a list of words: those that are not taken are dropped and named. The body carries the others in this
   * field; where there is none, the header itself does.
   */
  readonly listed?: { readonly header: string; readonly field?: string; readonly takes: readonly string[] }
}

/** The words of such a header, told apart. */
export function wordsOf(
  { takes }: { readonly takes: readonly string[] },
  said: string,
): { readonly taken: string[]; readonly lost: string[] } {
  const words = said.split(',').map((word) => word.trim())
  return { taken: words.filter((word) => takes.includes(word)), lost: words.filter((word) => !takes.includes(word)) }
}
