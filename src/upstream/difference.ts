/** One place where two JSON values part; undefined stands for absent. */
export interface Difference {
  /** As people write it: `body.messages[0].content`. */
  readonly at: string
  readonly asked: unknown
  readonly recorded: unknown
}

/** Every place where two JSON values differ, outermost first, in the order of what was asked. */
export function differences(asked: unknown, recorded: unknown, at = ''): Difference[] {
  if (Array.isArray(asked) && Array.isArray(recorded)) return inside(asked, recorded, (key) => `${at}[${key}]`)
  if (isRecord(asked) && isRecord(recorded)) return inside(asked, recorded, (key) => (at === '' ? key : `${at}.${key}`))
  return asked === recorded ? [] : [{ at, asked, recorded }]
}

type Members = Record<string, unknown> | readonly unknown[]

function inside(asked: Members, recorded: Members, place: (key: string) => string): Difference[] {
  const [left, right] = [new Map(Object.entries(asked)), new Map(Object.entries(recorded))]
  const keys = new Set([...left.keys(), ...right.keys()])
  return [...keys].flatMap((key) => differences(left.get(key), right.get(key), place(key)))
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
