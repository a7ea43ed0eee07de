/** How a text is marked on a terminal; as it is elsewhere. */
export interface Paint {
  strong(text: string): string
  good(text: string): string
  bad(text: string): string
  faint(text: string): string
}

const mark =
  (open: number, close: number, colour: boolean) =>
  (text: string): string =>
    colour ? `\x1b[${open}m${text}\x1b[${close}m` : text

export const paint = (colour: boolean): Paint => ({
  strong: mark(1, 22, colour),
  good: mark(32, 39, colour),
  bad: mark(31, 39, colour),
  faint: mark(2, 22, colour),
})

export type Cell = string | number | null | undefined

/** Columns aligned with two spaces between; what is absent is a dash. The last column runs as long as it likes. */
export function table(heads: readonly string[], rows: readonly (readonly Cell[])[], { faint }: Paint): string {
  const cells = rows.map((row) => row.map((cell) => (cell === null || cell === undefined || cell === '' ? '-' : String(cell))))
  const widths = heads.map((head, at) => Math.max(width(head), ...cells.map((row) => width(row[at] ?? ''))))
  const line = (row: readonly string[]): string =>
    row.map((cell, at) => padded(cell, at === row.length - 1 ? 0 : (widths[at] ?? 0))).join('  ')
  return [faint(line(heads.map((head) => head.toUpperCase()))), ...cells.map(line)].join('\n')
}

/** Name and value, one a line. */
export function facts(pairs: readonly (readonly [name: string, value: Cell])[], { faint }: Paint): string {
  const longest = Math.max(...pairs.map(([name]) => name.length))
  return pairs.map(([name, value]) => `${faint(name.padEnd(longest))}  ${value ?? '-'}`).join('\n')
}

/** Every text in an answer, with control characters made visible: a tenant's name must not move the cursor of an operator's terminal. */
export function printable(value: unknown): unknown {
  if (typeof value === 'string')
    return value.replace(/[^\P{Cc}\n]|\p{Cf}/gu, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`)
  if (Array.isArray(value)) return value.map(printable)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, printable(inner)]))
}

const width = (text: string): number => [...text].length

const padded = (text: string, to: number): string => text + ' '.repeat(Math.max(0, to - width(text)))
