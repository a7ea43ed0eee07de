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
