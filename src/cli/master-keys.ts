import { facts, table } from './table.ts'
import type { Noun } from './verb.ts'

export const masterKeys: Noun = {
  name: 'master-keys',
  does: 'the keys that seal everything else',
  verbs: [
    {
      use: 'status',
      does: 'say which master keys there are and what each has sealed; never a key',
      examples: ['master-keys status'],
      local: true,
      run: async ({ local, paint }) => {
        const status = await (await local()).masterKeys()
        const rows = status.keys.map(({ id, given, rows, data_keys }) => [
          id,
          id === status.current ? 'seals' : given ? 'opens' : 'missing',
          rows,
          data_keys,
        ])
        return { json: status, text: table(['key', 'state', 'rows sealed', 'of them data keys'], rows, paint) }
      },
    },
    {
      use: 'rotate',
      does: 'seal all data keys under the newest master key; no gateway key and no stored row changes',
      examples: ['master-keys rotate'],
      local: true,
      run: async ({ local, paint }) => {
        const done = await (await local()).rotateMasterKeys()
        const old = done.keys.filter(({ id, rows }) => id !== done.current && rows === 0).map(({ id }) => id)
        const pairs = [
          ['seals now', done.current],
          ['sealed again', `${done.resealed} rows`],
          ...(done.file === undefined ? [] : [['kept in', done.file] as const]),
          ...(old.length === 0 ? [] : [['may go', `${old.join(', ')}, once no backup needs it`] as const]),
          ...done.left.map((words) => ['left', words] as const),
        ] as const
        return { json: done, text: facts(pairs, paint), wrong: done.left.length > 0 }
      },
    },
  ],
}
