import { z } from 'zod'
import { to } from './api.ts'
import { table } from './table.ts'
import { ask, type Noun, told } from './verb.ts'

const standing = z.object({
  destination: z.string(),
  state: z.string(),
  seq: z.number(),
  waiting: z.number(),
  next_at: z.string().nullable(),
  error: z.string().nullable(),
})

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
    {
      use: 'exports',
      does: 'list who hears of ended attempts (ledger_export in gateway.yaml), and how far each has come',
      examples: ['ledger exports'],
      run: async ({ api, paint }) =>
        told(await ask(api, to`GET /ledger-exports`, z.object({ data: z.array(standing) })), ({ data }) => {
          const rows = data.map(({ destination, state, seq, waiting, error, next_at }) => [
            destination,
            state,
            seq,
            waiting,
            next_at,
            error,
          ])
          return rows.length === 0
            ? 'Nobody has heard of ended attempts yet.'
            : table(['destination', 'state', 'took', 'waiting', 'again at', 'error'], rows, paint)
        }),
    },
    {
      use: 'resume <destination>',
      does: 'send to a parked destination again, from where it stopped',
      examples: ['ledger resume billing'],
      run: async ({ api, args: [name = ''] }) =>
        told(await ask(api, to`POST /ledger-exports/${name}/resume`, standing), ({ destination, waiting }) => {
          return `${destination} is sent to again: ${waiting} rows wait.`
        }),
    },
  ],
}
