export type CsvCell = string | number | null | undefined

/** Lines as RFC 4180 has them; what is absent is empty. */
export function csv(heads: readonly string[], rows: readonly (readonly CsvCell[])[]): string {
  return [heads, ...rows].map((row) => row.map(cell).join(',')).join('\r\n')
}

function cell(value: CsvCell): string {
  const text = typeof value === 'string' ? defused(value) : String(value ?? '')
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

/** Callers choose tags, and a spreadsheet runs what begins like a formula (OWASP, "CSV Injection"): an apostrophe makes it text. */
const defused = (text: string): string => (/^[=+\-@\t\r]/.test(text) ? `'${text}` : text)

/** Rows by the names of the first line (RFC 4180); undefined where there is none, or a row has other cells than it. */
export function parseCsv(text: string): readonly Readonly<Record<string, string>>[] | undefined {
  const [heads, ...rows] = linesOf(text.replace(/^\uFEFF/, ''))
  if (!heads || heads.length < 2 || rows.some((row) => row.length !== heads.length)) return undefined
  return rows.map((row) => Object.fromEntries(heads.map((head, at) => [head.trim(), row[at] ?? ''])))
}

/** A cell, quoted or not, and what ends it. */
const CELL = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r?\n|$)/y

function linesOf(text: string): string[][] {
  const lines: string[][] = []
  let line: string[] = []
  CELL.lastIndex = 0
  while (CELL.lastIndex < text.length) {
    const [, quoted, plain = '', end] = CELL.exec(text) ?? []
    // No CSV: what is read so far has rows of other lengths, or is all there is.
    if (end === undefined) return []
    line.push(quoted === undefined ? plain : quoted.replaceAll('""', '"'))
    if (end === ',' && CELL.lastIndex < text.length) continue
    if (end === ',') line.push('')
    if (line.length > 1 || line[0] !== '') lines.push(line)
    line = []
  }
  return lines
}
