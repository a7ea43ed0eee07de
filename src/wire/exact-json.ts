// JSON whose numbers JavaScript cannot hold (19-digit ids in tool arguments) keeps their digits on its way from text to text.
// https://github.com/tc39/proposal-json-parse-with-source

interface ExactJSON {
  parse(text: string, reviver: (key: string, value: unknown, context: { source?: string }) => unknown): unknown
  rawJSON(text: string): object
}

// The compiler's library does not describe these two yet; every supported Node has them.
const exact = JSON as unknown as ExactJSON

/** Shorter numbers fit a double, so the many texts without a long one take the fast parser. A number begins the text or follows one of these. */
const LONG_NUMBER = /(?:^|[:,[\s-])\d[\d.]{15}/

/**
 * `JSON.parse`, but a number that a double would change becomes an object that `JSON.stringify` writes with its own digits. Throws
 * `SyntaxError` as `JSON.parse` does.
 */
export function parseExact(text: string): unknown {
  if (!LONG_NUMBER.test(text)) return JSON.parse(text)
  return exact.parse(text, (_key, value, { source }) =>
    typeof value === 'number' && source !== undefined && source.length > 15 && String(value) !== source ? exact.rawJSON(source) : value,
  )
}

/** Each value of a text, the innermost first, as `revive` has it; a number that JavaScript writes otherwise than the text does keeps its own digits. */
export function parseAsWritten(text: string, revive: (value: unknown) => unknown): unknown {
  return exact.parse(text, (_key, value, { source }) =>
    typeof value === 'number' && source !== undefined && String(value) !== source ? exact.rawJSON(source) : revive(value),
  )
}
