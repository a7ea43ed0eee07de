import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { resultOf, type Say, type Turn } from '../clients/vendor/script.ts'
import { MODELS, openWorld, type World } from '../clients/world.ts'
import { type Agent, agents, type Command, NOTE } from './agents.ts'

// Each agent, unchanged, reads a file with its own tool because the model told it to, and says what the model made of it.

const installed = (program: string): string => join(import.meta.dirname, 'node_modules', program)

const WORDS = 'The tide turns at 14:05 on Sunday.'
const PROMPT = `What does ${NOTE} say?`

let world: World
beforeAll(async () => {
  world = await openWorld(reader)
})
afterAll(() => world.close())

let home: string
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'tollgate-agent-'))
  world.vendors.journal.length = 0
  return () => rmSync(home, { recursive: true, force: true })
})

for (const agent of agents)
  describe.skipIf(!existsSync(installed(agent.program)))(agent.name, () => {
    it.for(['openai', 'anthropic', 'google'] as const)('completes a turn with a tool call on a model of %s', async (vendor) => {
      const said = await run(agent, MODELS[vendor])
      expect(said.output, said.errors).toContain(`I read: ${WORDS}`)
      expect(new Set(world.vendors.journal.map(({ path }) => path.split('/')[1])), 'the vendors that were called').toEqual(
        new Set([vendor]),
      )
    })
  })

/** A model that thinks, reads the note with whatever tool it is given, and makes a title where it is given none. */
function reader(turn: Turn): Say {
  const result = resultOf(turn)
  if (result !== undefined) return { text: `I read: ${result.slice(Math.max(0, result.indexOf(WORDS)))}` }
  const tool = agents.map(({ tool }) => tool).find(({ name }) => turn.tools.includes(name))
  if (tool === undefined) return { text: 'A note' }
  return { call: { id: 'call_a1b2c', name: tool.name, arguments: JSON.stringify(tool.arguments) }, signed: true }
}

async function run(agent: Agent, model: string): Promise<{ output: string; errors: string }> {
  const files = { [`work/${NOTE}`]: `${WORDS}\n`, ...agent.files(world, model) }
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(home, path)), { recursive: true })
    writeFileSync(join(home, path), text)
  }
  return outputOf(installed(agent.program), agent.command(world, { model, prompt: PROMPT }))
}

/** Nothing of the caller's environment reaches the agent: it may hold keys, and homes with settings. */
async function outputOf(program: string, { args, env }: Command): Promise<{ output: string; errors: string }> {
  const isScript = /\.c?js$/.test(program)
  const child = spawn(isScript ? process.execPath : program, isScript ? [program, ...args] : args, {
    cwd: join(home, 'work'),
    env: { PATH: process.env['PATH'], HOME: home, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 90_000,
  })
  const text = { output: '', errors: '' }
  child.stdout.on('data', (chunk) => (text.output += chunk))
  child.stderr.on('data', (chunk) => (text.errors += chunk))
  await new Promise<void>((resolve, reject) => child.on('close', () => resolve()).on('error', reject))
  return text
}
