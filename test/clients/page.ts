import type { OtherCall } from './calls.ts'
import { type Client, FAMILIES, type Family, FEATURES } from './client.ts'

/** What a run found: the titles of the tests that passed, a proven gap's too. */
export type Passed = ReadonlySet<string>

export interface Tried {
  readonly clients: readonly Client[]
  readonly calls: readonly OtherCall[]
  /** By package. */
  readonly versions: Readonly<Record<string, string>>
}

/** The page that the results make. Throws where a cell was not tried or failed. */
export function pageOf({ clients, calls, versions }: Tried, passed: Passed): string {
  const reasons: string[] = []
  const rows = clients.map((client) => {
    const cells = FAMILIES.map((family) => cellOf(client, family, { passed, reasons }))
    return row([`\`${client.name}\``, versions[client.package] ?? '', client.pointed, ...cells])
  })
  const head = ['client', 'version', 'pointed at Tollgate by', 'its own vendor', 'OpenAI', 'Anthropic', 'Gemini']
  return `${INTRO}
${[row(head), row(head.map(() => '---')), ...rows].join('\n')}

${reasons.map((reason, at) => `${at + 1}. ${reason}.`).join('\n')}

## Besides conversation

${calls.map(({ name }) => `- ${shown(name, passed)}`).join('\n')}

${AGENTS}`
}

const INTRO = `# Clients

The packages that apps use, unchanged, with a tenant's key in place of the provider's, against models of each family. This page is what
\`npm run docs:clients\` found; \`npm run test:clients\` fails where it no longer holds.

A cell passes if all of these do: a text; the same as a stream; the usage of that stream; a call of a tool with its arguments and the turn
with its result; the same as a stream; the same of a model that thinks first; that what marks its thought comes back to it; an answer in the
shape of a schema as the client parses it; the provider's refusal and the gateway's own as the client's class of error, with status and
words. The providers are scripted (\`test/clients/vendor\`): they check the requests as the real ones do, and each speaks its own API.
`

const AGENTS = `## Agents

Codex, Claude Code, Gemini CLI and opencode each complete a turn with a tool call on a model of OpenAI, Anthropic and Gemini:
\`npm run test:agents\`, which installs them (1.2 GB) and is no part of CI. \`test/agents/agents.ts\` shows how each is told of the gateway.
`

function cellOf({ name, vendor, gaps }: Client, family: Family, found: { passed: Passed; reasons: string[] }): string {
  const untrue = FEATURES.filter((feature) => !found.passed.has(`${name} ${family}: ${feature}`))
  if (untrue.length > 0) throw new Error(`${name}, ${family}: not shown are ${untrue.join(', ')}.`)
  const missing = FEATURES.filter((feature) => gaps?.[`${family}: ${feature}`] !== undefined)
  const whose = family === 'own' ? ` (${vendor})` : ''
  if (missing.length === 0) return `pass${whose}`
  const told = missing.map((feature) => gaps?.[`${family}: ${feature}`] ?? '')
  if (missing.length === FEATURES.length)
    return `no: see ${[...new Set(told)].map((reason) => noteOf(reason, found.reasons)).join(', ')}${whose}`
  return `pass; no: ${missing.map((feature, at) => `${feature} (${noteOf(told[at] ?? '', found.reasons)})`).join(', ')}${whose}`
}

function shown(name: string, passed: Passed): string {
  if (!passed.has(name)) throw new Error(`${name}: not shown.`)
  return `${name}: pass`
}

function noteOf(reason: string, reasons: string[]): number {
  if (!reasons.includes(reason)) reasons.push(reason)
  return reasons.indexOf(reason) + 1
}

const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`
