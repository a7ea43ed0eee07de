import { z } from 'zod'
import type { Call, Option } from './verb.ts'

// What is switched for a time: nothing without for how long.

const FOR: Option = { flags: '--for <time>', means: 'for how long: 30m, 24h, 7d', required: true }
const REASON: Option = { flags: '--reason <text>', means: 'why; those who meet it are told' }

export const DISABLING: readonly Option[] = [FOR, { ...REASON, required: true }]
export const REDIRECTING: readonly Option[] = [FOR, REASON]

export const spellOf = ({ text }: Call) => ({ for: text('for'), reason: text('reason') })

export const incident = z.object({
  kind: z.string(),
  subject: z.string(),
  to: z.string().nullable(),
  reason: z.string(),
  until: z.string(),
})

export function incidentText({ subject, to, until, reason }: z.infer<typeof incident>): string {
  const what = to === null ? `Nothing is sent to ${subject}` : `Whoever asks for ${subject} gets ${to}`
  return `${what} until ${until}: ${reason}`
}
