import { describe, expect, it } from 'vitest'
import type { Reply } from '../../src/cli/api.ts'
import { runCommand, type Shop, WORDS } from '../../src/cli/program.ts'
import type { Verb } from '../../src/cli/verb.ts'
import { Secret } from '../../src/contract/secret.ts'

// Every command by its own description: none may do without help, examples and --json.

const commands = WORDS.flatMap((word) =>
  'verbs' in word ? word.verbs.map((verb) => ({ path: [word.name, nameOf(verb)], verb })) : [{ path: [nameOf(word)], verb: word }],
)

function nameOf({ use }: Verb): string {
  return use.split(' ')[0] ?? ''
}

/** A command line in this process; the API answers what the test says. */
function shop(answer: Reply = { status: 200, body: {} }) {
  const lines: { out: string[]; err: string[]; calls: string[] } = { out: [], err: [], calls: [] }
  const never = (): never => {
    throw new Error('this command should not touch the machine')
  }
  const made: Shop = {
    terminal: {
      colour: false,
      interactive: false,
      out: (text) => lines.out.push(text),
      err: (text) => lines.err.push(text),
      secret: async () => new Secret('sk-from-stdin-0123456789'),
    },
    adminKey: undefined,
    api: async () => async (method, path, body) => {
      lines.calls.push(`${method} ${path}${body === undefined ? '' : ` ${JSON.stringify(body)}`}`)
      return answer
    },
    local: never,
    serve: never,
  }
  return { lines, run: (words: readonly string[]) => runCommand(words, made) }
}

describe.each(commands)('tollgate $path', ({ path, verb }) => {
  it('explains itself with examples that name it', async () => {
    const { lines, run } = shop()
    expect(await run([...path, '--help'])).toBe(0)
    const help = lines.out.join('\n')
    for (const example of verb.examples) expect(help).toContain(`  tollgate ${example}`)
    expect(verb.examples.filter((example) => !`${example} `.startsWith(`${path.join(' ')} `))).toEqual([])
    expect(help).toContain('--json')
    expect(help.includes('--url')).toBe(!verb.local)
  })

  it('is misused by a word too many, an option nobody knows, and does nothing then', async () => {
    const wanted = verb.use.match(/<[^>]+>|\[[^\]]+\]/g)?.map(() => 'x') ?? []
    for (const odd of [[...wanted, 'one-too-many'], ['--no-such-option']]) {
      const { lines, run } = shop()
      expect({ odd, code: await run([...path, ...odd]), calls: lines.calls }).toEqual({ odd, code: 2, calls: [] })
      expect(lines.err.join('\n')).toContain('--help')
    }
  })
})

describe('the words of a command', () => {
  it.each([[[]], [['tenants']], [['frobnicate']], [['tenants', 'frobnicate']]])(
    'show help and are a misuse where they name nothing: %j',
    async (words) => {
      const { lines, run } = shop()
      expect(await run(words)).toBe(2)
      expect(lines.err.join('\n')).toMatch(/Usage: tollgate|unknown command/)
      expect(lines.out).toEqual([])
    },
  )

  it('become one request each, whatever a name holds', async () => {
    const { lines, run } = shop({ status: 200, body: { slug: 'a', id: 'i', plan: 'p', status: 's', overrides: null } })
    await run(['tenants', 'show', 'a/../b?c=d'])
    await run(['tenants', 'set-plan', 'acme', 'pro'])
    await run(['tenants', 'create', 'acme', '--plan', 'team', '--id', 'cus_1'])
    expect(lines.calls).toEqual([
      'GET /tenants/a%2F..%2Fb%3Fc%3Dd',
      'PATCH /tenants/acme {"plan":"pro"}',
      'POST /tenants {"slug":"acme","plan":"team","id":"cus_1"}',
    ])
  })

  it.each(['..', '.', ''])('never walk up the API by a name such as "%s"', async (name) => {
    const { lines, run } = shop()
    expect(await run(['tenants', 'delete', name])).toBe(2)
    expect(lines.calls).toEqual([])
  })

  it('say whose key is meant', async () => {
    for (const words of [[], ['--tenant', 'a', '--admin'], ['--service'], ['--admin']]) {
      const { lines, run } = shop()
      expect({ words, code: await run(['keys', 'create', ...words]), calls: lines.calls }).toEqual({ words, code: 2, calls: [] })
    }
  })
})

describe('an answer', () => {
  const refusal = { error: { message: 'There is no such tenant.', code: 'tenant_not_found' } }

  it('that refuses is exit 1, its sentence on standard error, and with --json its exact body', async () => {
    const said = shop({ status: 404, body: refusal })
    expect(await said.run(['tenants', 'show', 'x'])).toBe(1)
    expect(said.lines).toMatchObject({ out: [], err: ['There is no such tenant.'] })
    const json = shop({ status: 404, body: refusal })
    expect(await json.run(['tenants', 'show', 'x', '--json'])).toBe(1)
    expect(JSON.parse(json.lines.out.join(''))).toEqual(refusal)
  })

  it('cannot move the cursor of an operator by a name of a tenant', async () => {
    const tenant = { slug: 'a', id: 'i', name: 'Bad\u001b[2J\u202eName', plan: 'p', status: 's', overrides: null }
    const { lines, run } = shop({ status: 200, body: { data: [tenant], next_cursor: null } })
    await run(['tenants', 'list'])
    expect(lines.out.join('')).toContain('Bad\\u{1b}[2J\\u{202e}Name')
  })

  it.each([
    ['error', 0],
    ['warn', 1],
    ['info', 1],
    ['nonsense', 2],
  ])('of the doctor that only warns is, with --fail-on %s, exit %i', async (level, code) => {
    const finding = { level: 'warn', code: 'row_legacy', subject: 'X', sentence: 'S.', fix: 'F' }
    const { run } = shop({ status: 200, body: { data: [finding], next_cursor: null } })
    expect(await run(['doctor', '--fail-on', level])).toBe(code)
    expect(await run(['doctor'])).toBe(0)
  })
})

describe('a secret', () => {
  it('is taken from standard input, whole or as fields, and never from an argument', async () => {
    const { lines, run } = shop({ status: 200, body: { provider: 'minimax', setting_key: 'MINIMAX_API_KEY', status: 'usable' } })
    expect(await run(['provider-keys', 'set', 'brennan', 'minimax', '--region', 'cn'])).toBe(0)
    expect(lines.calls).toEqual(['PUT /tenants/brennan/provider-keys/minimax {"key":"sk-from-stdin-0123456789","region":"cn"}'])
    expect(await run(['provider-keys', 'set', 'brennan', 'minimax', 'sk-as-an-argument'])).toBe(2)
    expect(await run(['provider-keys', 'set', 'brennan', 'minimax', '--key', 'sk-as-an-argument'])).toBe(2)
  })

  it.each(['http://user:pass@127.0.0.1:4000', 'ftp://127.0.0.1', 'nonsense'])('does not belong into a URL: %s', async (url) => {
    const { lines, run } = shop()
    expect(await run(['tenants', 'list', '--url', url])).toBe(2)
    expect(lines.err.join('')).not.toContain('pass')
  })
})
