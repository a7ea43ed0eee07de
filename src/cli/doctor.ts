import { z } from 'zod'
import { Misused, to } from './api.ts'
import type { Paint } from './table.ts'
import { ask, told, type Verb } from './verb.ts'

const LEVELS = ['error', 'warn', 'info'] as const

export const doctor: Verb = {
  use: 'doctor',
  does: 'tell what would surprise an operator',
  options: [{ flags: '--fail-on <level>', means: `exit 1 where something of this level or worse is found: ${LEVELS.join(', ')}` }],
  examples: ['doctor', 'doctor --fail-on error', 'doctor --json --url http://127.0.0.1:4000'],
  run: async ({ api, text, paint }) => {
    const limit = severity(text('fail-on'))
    const answer = await ask(api, to`GET /doctor`, findings)
    const wrong = answer.value.data.some(({ level }) => LEVELS.indexOf(level) <= limit)
    return { ...told(answer, ({ data }) => report(data, paint)), wrong }
  },
}

const finding = z.object({ level: z.enum(LEVELS), code: z.string(), subject: z.string(), sentence: z.string(), fix: z.string() })
const findings = z.object({ data: z.array(finding) })

function severity(given: string | undefined): number {
  if (given === undefined) return -1
  const at = LEVELS.map(String).indexOf(given)
  if (at < 0) throw new Misused(`--fail-on takes one of ${LEVELS.join(', ')}, not "${given}".`)
  return at
}

function report(data: readonly z.infer<typeof finding>[], paint: Paint): string {
  if (data.length === 0) return 'Nothing here would surprise you.'
  const mark = { error: paint.bad, warn: paint.strong, info: paint.faint }
  return data.map(({ level, sentence, fix }) => `${mark[level](level.padEnd(5))}  ${sentence}\n       ${paint.faint(fix)}`).join('\n')
}
