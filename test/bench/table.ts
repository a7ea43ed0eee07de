import type { Row } from './rows.ts'

/** A plain table: what was wanted, what was measured, and whether that holds. */
export function table(rows: readonly Row[]): string {
  const cells = [['what', 'floor', 'goal', 'measured', ''], ...rows.map(cellsOf)]
  const widths = [0, 1, 2, 3, 4].map((column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)))
  const lines = cells.map((row) =>
    row.map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0))).join('  '),
  )
  return lines.map((line, at) => (at === 0 ? line : `${line}\n    ${rows[at - 1]?.note}`)).join('\n')
}

function cellsOf(row: Row): string[] {
  const { what, floor, goal, measured } = row
  return [what, figure(row, floor), figure(row, goal), measured === undefined ? '-' : figure(row, measured), verdict(row)]
}

function figure({ unit }: Row, value: number): string {
  return `${unit === 'MB' || value >= 100 ? Math.round(value) : value.toFixed(2)}${unit === '×' ? '' : ' '}${unit}`
}

/** `goal` and `pass` hold the goal and the floor. */
function verdict({ floor, goal, measured, atLeast = false }: Row): string {
  if (measured === undefined) return 'skipped'
  const holds = (bound: number): boolean => (atLeast ? measured >= bound : measured <= bound)
  return holds(goal) ? 'goal' : holds(floor) ? 'pass' : 'MISS'
}
