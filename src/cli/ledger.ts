import type { Noun } from './verb.ts'

export const ledger: Noun = {
  name: 'ledger',
  does: 'the books',
  verbs: [
    {
      use: 'verify',
      does: 'add the books up: each attempt ended once, each amount is the sum of its lines, each total the sum of its rows',
      examples: ['ledger verify'],
      local: true,
      run: async ({ local }) => {
        const report = await (await local()).verifyLedger()
        const states = Object.entries(report.states).map(([state, count]) => `${count} ${state}`)
        const verdict =
          report.wrong.length === 0
            ? `The books add up: ${report.attempts} attempts`
            : `The books do not add up, of ${report.attempts} attempts`
        const { deleted } = report
        const gone =
          deleted && `${deleted.attempts} older ones are deleted, up to ${deleted.through}: of those days only the totals are proved.`
        const text = [`${verdict}${states.length > 0 ? ` (${states.join(', ')})` : ''}.`, ...(gone ? [gone] : []), ...report.wrong].join(
          '\n',
        )
        return { json: report, text, wrong: report.wrong.length > 0 }
      },
    },
  ],
}
