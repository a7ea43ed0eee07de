import type { KeyReport } from '../../contract/health.ts'
import { type Check, counted, type Finding } from './finding.ts'

/** Providers that did not serve some key well of late. */
export const ailingProviders: Check = ({ health, registry }) =>
  health.map((report): Finding => {
    const name = registry.get(report.provider)?.name ?? report.provider
    return {
      level: WORDS[report.state].level,
      code: WORDS[report.state].code,
      subject: report.provider,
      sentence: `${name} ${WORDS[report.state].does} with ${keyOf(report)} for ${counted('model', report.models)} (${report.code}).`,
      fix: 'Nothing, if it passes: it is tried again by itself. Else see its status page, or let plans fall back.',
    }
  })

/** What operators switched for a time, so that nobody looks for another reason. */
export const runningIncidents: Check = ({ incidents }) =>
  incidents.map(({ kind, subject, to, until, reason, by }): Finding => {
    const what = kind === 'disable' ? `Nothing is sent to ${subject}` : `Whoever asks for ${subject} gets ${to}`
    const undo = kind === 'disable' ? `tollgate providers enable ${subject}` : `tollgate models restore ${subject}`
    const sentence = `${what} until ${until}, said ${by}: ${reason}`
    return { level: 'info', code: `incident_${kind}`, subject, sentence, fix: `It ends by itself; before that: ${undo}` }
  })

const WORDS = {
  down: { level: 'warn', code: 'provider_down', does: 'is passed over' },
  trying: { level: 'warn', code: 'provider_down', does: 'is being tried again' },
  cooling: { level: 'info', code: 'provider_cooling', does: 'asked for patience' },
  failing: { level: 'info', code: 'provider_failing', does: 'fails at times' },
} as const

function keyOf({ source, tenant, last4 }: KeyReport): string {
  if (source === 'none') return 'no key'
  const whose = source === 'platform' ? "the platform's key" : `the key of tenant ${tenant}`
  return last4 === undefined ? whose : `${whose} …${last4}`
}
