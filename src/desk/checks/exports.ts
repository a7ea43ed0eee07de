import type { Check, Finding } from './finding.ts'

/** A destination of ledger_export that takes nothing. */
export const stuckExports: Check = ({ exports }) =>
  exports.flatMap(({ destination: subject, failures, failingSince = 0, parkedAt, error, waiting }): Finding[] => {
    if (failures === 0) return []
    const what = `The destination ${subject} of ledger_export has taken nothing since ${new Date(failingSince).toISOString()} (${error}); ${waiting} rows wait.`
    return parkedAt === undefined
      ? [
          {
            level: 'warn',
            code: 'export_failing',
            subject,
            sentence: what,
            fix: 'See to whoever takes them: they are sent again by themselves.',
          },
        ]
      : [
          {
            level: 'error',
            code: 'export_parked',
            subject,
            sentence: `${what} Nothing more is sent.`,
            fix: `tollgate ledger resume ${subject}, once it is repaired.`,
          },
        ]
  })
