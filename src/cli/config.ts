import { facts } from './table.ts'
import type { Noun } from './verb.ts'

export const config: Noun = {
  name: 'config',
  does: 'the files that an operator edits',
  verbs: [
    {
      use: 'check',
      does: 'read the whole configuration and say what is wrong with it, with file and line',
      examples: ['config check', 'config check --json'],
      local: true,
      run: async ({ local, paint }) => {
        const report = await (await local()).checkConfig()
        const pairs = [
          ['plans', report.plans.join(', ')],
          ['providers', report.providers],
          ['models', report.models],
          ['files', report.files.join(', ')],
          ...report.warnings.map((warning) => ['warning', warning] as const),
        ] as const
        return { json: report, text: `The configuration is right (${report.config}).\n\n${facts(pairs, paint)}` }
      },
    },
    {
      use: 'diff [folder]',
      does: 'say what would change if the files of this folder took the place of those in force; without one, what those change over the shipped ones',
      examples: ['config diff ../tollgate-config-next', 'config diff'],
      local: true,
      run: async ({ local, args: [folder] }) => {
        const diff = await (await local()).diffConfig(folder)
        const { changes, orphans } = diff
        const lost = orphans.map(({ plan, tenants }) => {
          const who = tenants === 1 ? '1 tenant is' : `${tenants} tenants are`
          return `The server would refuse this: ${who} on plan ${plan}, which would be gone.`
        })
        const lines = changes.length === 0 ? ['There is no difference.'] : changes.map(({ sentence }) => sentence)
        return { json: diff, text: [...lines, ...lost].join('\n'), wrong: orphans.length > 0 }
      },
    },
  ],
}
