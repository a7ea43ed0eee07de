import type { Gate } from '../clients/client.ts'

/** A coding agent as it is installed, told of the gateway in its own way. */
export interface Agent {
  readonly name: string
  /** Below `node_modules`; a script is run by this Node. */
  readonly program: string
  /** Its tool that runs a command, and the arguments that have it read the note. */
  readonly tool: { readonly name: string; readonly arguments: object }
  /** Files below its home, by path. */
  files(gate: Gate, model: string): Readonly<Record<string, string>>
  /** Started in the folder `work` of its home. */
  command(gate: Gate, asked: { model: string; prompt: string }): Command
}

export interface Command {
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string>>
}

export const NOTE = 'note.txt'
const READ = { command: `cat ${NOTE}`, description: 'Read the note' }

const codex: Agent = {
  name: 'Codex',
  program: '@openai/codex/bin/codex.js',
  tool: { name: 'exec_command', arguments: { cmd: READ.command } },
  files: ({ url }) => ({
    '.codex/config.toml': `model_provider = "tollgate"
[model_providers.tollgate]
name = "Tollgate"
base_url = "${url}/v1"
env_key = "TOLLGATE_KEY"
wire_api = "responses"
`,
  }),
  command: ({ key }, { model, prompt }) => ({
    args: ['exec', '--skip-git-repo-check', '-s', 'danger-full-access', '-m', model, prompt],
    env: { TOLLGATE_KEY: key },
  }),
}

const claudeCode: Agent = {
  name: 'Claude Code',
  program: '@anthropic-ai/claude-code/cli-wrapper.cjs',
  tool: { name: 'Bash', arguments: READ },
  files: () => ({}),
  command: ({ url, key }, { model, prompt }) => ({
    args: ['-p', prompt, '--model', model, '--allowedTools', 'Bash'],
    env: { ANTHROPIC_BASE_URL: url, ANTHROPIC_AUTH_TOKEN: key, CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1' },
  }),
}

const geminiCli: Agent = {
  name: 'Gemini CLI',
  program: '@google/gemini-cli/bundle/gemini.js',
  tool: { name: 'run_shell_command', arguments: READ },
  // Left to itself it takes a base URL for a login of another kind.
  files: () => ({ '.gemini/settings.json': JSON.stringify({ security: { auth: { selectedType: 'gemini-api-key' } } }) }),
  command: ({ url, key }, { model, prompt }) => ({
    args: ['-m', model, '--yolo', '--skip-trust', '-p', prompt],
    env: { GOOGLE_GEMINI_BASE_URL: url, GEMINI_API_KEY: key },
  }),
}

/** Its own launcher names a binary for every platform; the one for Linux is installed by itself, and elsewhere it is skipped. */
const opencode: Agent = {
  name: 'opencode',
  program: 'opencode-linux-x64/bin/opencode',
  tool: { name: 'bash', arguments: READ },
  files: ({ url, key }, model) => {
    const options = { baseURL: `${url}/v1`, apiKey: key }
    const tollgate = { npm: '@ai-sdk/openai-compatible', name: 'Tollgate', options, models: { [model]: {} } }
    return { 'work/opencode.json': JSON.stringify({ provider: { tollgate } }) }
  },
  command: (_gate, { model, prompt }) => ({
    args: ['run', '-m', `tollgate/${model}`, prompt],
    env: { OPENCODE_DISABLE_MODELS_FETCH: '1', OPENCODE_DISABLE_AUTOUPDATE: '1' },
  }),
}

export const agents: readonly Agent[] = [codex, claudeCode, geminiCli, opencode]
