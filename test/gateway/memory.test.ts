import { existsSync, readdirSync } from 'node:fs'
import { resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type CommandLine, commandLine } from '../support/command-line.ts'
import { type GatewayProcess, startProcess } from '../support/process.ts'

// TOLLGATE_DATA=:memory: is a gateway of one process that leaves nothing behind.

const root = resolve(import.meta.dirname, '../..')
const ADMIN_KEY = 'an-admin-key-of-more-than-thirty-two-characters'

describe('a gateway in memory', () => {
  const before = readdirSync(root)
  let running: GatewayProcess
  let cli: CommandLine

  beforeAll(async () => {
    cli = commandLine()
    running = await startProcess({ TOLLGATE_DATA: ':memory:' })
  })
  afterAll(() => {
    running.kill()
    cli.remove()
  })

  const ask = ({ url, key }: GatewayProcess, model: string) =>
    fetch(`${url}/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: JSON.stringify({ model, messages: [{ role: 'user', content: 'Hello' }] }),
    })

  it('answers and refuses as the printed lines say, and says where its state is', async () => {
    expect([(await ask(running, 'demo/echo')).status, (await ask(running, 'demo/frontier')).status]).toEqual([200, 403])
    expect(running.printed()).toContain('in memory, gone with this process')
  })

  it('makes no admin key that it could not tell, and says what to do', () => {
    expect(running.printed()).toContain('give it in TOLLGATE_ADMIN_KEY')
    expect(running.printed()).not.toContain('sk-tg-a')
  })

  it('is not open to a command beside it, which says why, but to one that speaks to it', async () => {
    const beside = await cli.run(['tenants', 'list'], { env: { TOLLGATE_DATA: ':memory:' } })
    expect(beside).toMatchObject({ code: 1, err: expect.stringContaining('speak to the gateway, with --url') })
    const given = await startProcess({ TOLLGATE_DATA: ':memory:', TOLLGATE_ADMIN_KEY: ADMIN_KEY })
    const over = await cli.run(['tenants', 'list', '--url', given.url], { env: { TOLLGATE_ADMIN_KEY: ADMIN_KEY } })
    given.kill()
    expect(over).toMatchObject({ code: 0, out: expect.stringContaining('demo-free') })
  })

  it('books what it answers, stops as any other, and leaves no file', async () => {
    running.child.kill('SIGTERM')
    expect(await running.exited).toBe(0)
    expect(running.logged()).not.toMatch(/"level":"(error|fatal)"|"level":[56]0/)
    expect(readdirSync(root)).toEqual(before)
    expect([existsSync(running.dataFolder), readdirSync(cli.folder)]).toEqual([false, ['config']])
  })
})
