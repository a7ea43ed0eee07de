import { Command, CommanderError } from 'commander'
import type { Secret } from '../contract/secret.ts'
import { GatewayError } from '../errors.ts'
import { type Api, Misused, Refused } from './api.ts'
import { catalog } from './catalog.ts'
import { config } from './config.ts'
import { db } from './db.ts'
import { doctor } from './doctor.ts'
import { events } from './events.ts'
import { explain } from './explain.ts'
import { keys } from './keys.ts'
import { ledger } from './ledger.ts'
import type { Local, Serve } from './local.ts'
import { masterKeys } from './master-keys.ts'
import { models } from './models.ts'
import { providerKeys } from './provider-keys.ts'
import { providers } from './providers.ts'
import { reconcile } from './reconcile.ts'
import { remoteApi } from './remote.ts'
import { serve } from './serve.ts'
import { simulate } from './simulate.ts'
import { paint } from './table.ts'
import { tenants } from './tenants.ts'
import type { Terminal } from './terminal.ts'
import { usage } from './usage.ts'
import type { Call, Noun, Option, Verb } from './verb.ts'

/** In the order of the help. */
export const WORDS: readonly (Noun | Verb)[] = [
  serve,
  tenants,
  keys,
  providerKeys,
  explain,
  doctor,
  simulate,
  usage,
  reconcile,
  models,
  catalog,
  providers,
  events,
  config,
  db,
  masterKeys,
  ledger,
]

/** What the composition root lends the commands. */
export interface Shop {
  readonly terminal: Terminal
  /** What touches this machine's files is loaded and opened when a command first asks. */
  local(): Promise<Local>
  /** The admin API over this machine's own store. */
  api(): Promise<Api>
  readonly serve: Serve
  /** For `--url`; undefined: it is asked for on the terminal. */
  readonly adminKey: Secret | undefined
}

/** Runs one command line. 0: done; 1: refused, or something wrong was found; 2: misused. */
export async function runCommand(words: readonly string[], shop: Shop): Promise<number> {
  const state = { exit: 0 }
  const program = programOf(shop, state)
  try {
    if (words.length === 0) {
      program.outputHelp({ error: true })
      return 2
    }
    await program.parseAsync(words, { from: 'user' })
    return state.exit
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
    throw error
  }
}

interface State {
  exit: number
}

function programOf(shop: Shop, state: State): Command {
  const program = new Command('tollgate').description(
    "The LLM gateway that a multi-tenant product trusts with its customers' keys and money.",
  )
  program.configureOutput({ writeOut: (text) => shop.terminal.out(text.trimEnd()), writeErr: (text) => shop.terminal.err(text.trimEnd()) })
  program.exitOverride().showHelpAfterError('Add --help to see what this command takes.')
  for (const word of WORDS) {
    if (!('verbs' in word)) addVerb(program, word, { shop, state })
    else {
      const noun = program.command(word.name).description(word.does)
      for (const verb of word.verbs) addVerb(noun, verb, { shop, state })
    }
  }
  return program
}

function addVerb(parent: Command, verb: Verb, at: { shop: Shop; state: State }): void {
  const command = parent.command(verb.use).description(verb.does)
  for (const { flags, means, required } of verb.options ?? []) {
    if (required) command.requiredOption(flags, means)
    else command.option(flags, means)
  }
  for (const { flags, means } of verb.local ? [JSON_OPTION] : [JSON_OPTION, URL_OPTION]) command.option(flags, means)
  command.addHelpText('after', `\nExamples:\n${verb.examples.map((example) => `  tollgate ${example}`).join('\n')}`)
  command.action(async () => {
    at.state.exit = await perform(verb, command, at.shop)
  })
}

const JSON_OPTION: Option = { flags: '--json', means: 'print the answer as JSON, exactly as the admin API gives it' }
const URL_OPTION: Option = {
  flags: '--url <url>',
  means: 'speak to a running gateway; its admin key comes from TOLLGATE_ADMIN_KEY or a prompt',
}

async function perform(verb: Verb, command: Command, shop: Shop): Promise<number> {
  const { terminal } = shop
  const options: Readonly<Record<string, unknown>> = command.opts()
  const json = options['json'] === true
  try {
    const outcome = await verb.run(callOf(command.args, options, shop))
    if (json && outcome.json !== undefined) terminal.out(JSON.stringify(outcome.json, undefined, 2))
    else if (outcome.text !== '') terminal.out(outcome.text)
    return outcome.wrong ? 1 : 0
  } catch (error) {
    if (!isTold(error)) throw error
    const body = error instanceof Refused ? error.body : { error: { message: error.message, code: 'code' in error ? error.code : null } }
    if (json) terminal.out(JSON.stringify(body, undefined, 2))
    else terminal.err(error.message)
    return error instanceof Misused ? 2 : 1
  }
}

function callOf(args: readonly string[], options: Readonly<Record<string, unknown>>, shop: Shop): Call {
  const value = (option: string): unknown => options[option.replace(/-([a-z])/g, (_dash, letter: string) => letter.toUpperCase())]
  const text = (option: string): string | undefined => {
    const given = value(option)
    return typeof given === 'string' ? given : undefined
  }
  let api: Promise<Api> | undefined
  const open = (): Promise<Api> => {
    const url = text('url')
    return url === undefined ? shop.api() : remoteApi(url, shop)
  }
  return {
    args,
    text,
    on: (option) => value(option) === true,
    api: async (method, path, body) => (await (api ??= open()))(method, path, body),
    local: shop.local,
    serve: shop.serve,
    terminal: shop.terminal,
    paint: paint(shop.terminal.colour),
  }
}

/** What is told in its own words; everything else is a defect and shows its stack. */
function isTold(error: unknown): error is Error {
  if (error instanceof Refused || error instanceof Misused || error instanceof GatewayError) return true
  return error instanceof Error && error.name === 'ConfigError'
}
