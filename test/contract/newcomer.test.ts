import { execFile } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

// A provider of a known dialect is one file of data, one line in the roll-call, and its recording: in a copy of the house that has them, and
// nothing else, every suite over providers and recordings runs it, through a gateway and to clients of every protocol.

const root = resolve(import.meta.dirname, '../..')
const run = promisify(execFile)

/** The lines that README shows. */
const SHOWN = /```ts\n([^`]*export const (\w+) = defineProvider\([^`]*)```/.exec(readFileSync(join(root, 'README.md'), 'utf8'))

const answer = {
  id: 'chatcmpl-1',
  object: 'chat.completion',
  created: 1_790_000_000,
  model: 'mill-1',
  choices: [{ index: 0, message: { role: 'assistant', content: 'West by south.' }, logprobs: null, finish_reason: 'stop' }],
  usage: { prompt_tokens: 11, completion_tokens: 5, total_tokens: 16 },
}

const recordingOf = (provider: string) => ({
  provider,
  api: `${provider}.chat`,
  stream: false,
  response_framing: 'json',
  fidelity: 'handmade',
  request: {
    method: 'POST',
    url: `https://${provider}.example/v1/chat/completions`,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'mill-1', messages: [{ role: 'user', content: 'Whence the wind?' }] }),
  },
  response: { status: 200, headers: { 'content-type': 'application/json' }, body: JSON.stringify(answer) },
})

const [, file = '', id = ''] = SHOWN ?? []
let house: string

beforeAll(() => {
  house = mkdtempSync(join(tmpdir(), 'tollgate-house-'))
  for (const part of ['src', 'providers', 'test', 'config', 'package.json', 'tsconfig.json', 'vitest.config.ts'])
    cpSync(join(root, part), join(house, part), { recursive: true, filter: (path) => !path.includes('node_modules') })
  symlinkSync(join(root, 'node_modules'), join(house, 'node_modules'))
  writeFileSync(join(house, `providers/${id}.ts`), file)
  const rollCall = join(house, 'providers/roll-call.ts')
  writeFileSync(rollCall, `${readFileSync(rollCall, 'utf8')}export { ${id} } from './${id}.ts'\n`)
  mkdirSync(join(house, 'test/recordings', id))
  writeFileSync(join(house, `test/recordings/${id}/text-handmade.json`), JSON.stringify(recordingOf(id)))
})

afterAll(() => rmSync(house, { recursive: true, force: true }))

describe('a provider of a known dialect', () => {
  it('is shown in README in ten lines', () => {
    expect(file.trim().split('\n').length).toBeLessThanOrEqual(10)
  })

  it('is run by every suite that there is, as soon as it stands in the roll-call', { timeout: 120_000 }, async () => {
    const suites = [
      'test/contract/providers.test.ts',
      'test/contract/dialects/codec.test.ts',
      'test/gateway/recordings.test.ts',
      'test/gateway/ingress-recordings.test.ts',
    ]
    const report = join(house, 'report.json')
    const args = ['run', '--reporter=json', `--outputFile=${report}`, '-t', `${id}|roll-call`, ...suites]
    await run(process.execPath, ['node_modules/vitest/vitest.mjs', ...args], { cwd: house, env: { PATH: process.env['PATH'] } })
    const { success, testResults } = JSON.parse(readFileSync(report, 'utf8'))
    const passed = testResults.flatMap(({ name, assertionResults }: Suite) =>
      assertionResults
        .filter(({ status, fullName }) => status === 'passed' && fullName.includes(id))
        .map(() => name.slice(name.indexOf('test/'))),
    )
    expect(success).toBe(true)
    expect(new Set(passed)).toEqual(new Set(suites))
  })
})

interface Suite {
  readonly name: string
  readonly assertionResults: readonly { readonly status: string; readonly fullName: string }[]
}
