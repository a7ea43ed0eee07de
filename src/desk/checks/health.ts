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
