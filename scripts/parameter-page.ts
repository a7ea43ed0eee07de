import type { ChatRequest } from '../src/contract/chat.ts'
import type { UpstreamDialect } from '../src/contract/dialect.ts'
import { refusedBy } from '../src/contract/params.ts'
import type { Provider } from '../src/contract/provider.ts'
import type { Quirks } from '../src/contract/quirks.ts'

/** `docs/parameters.md`: what becomes of each parameter, read from the tables that the gateway itself goes by. */
export function parameterPage(dialects: readonly UpstreamDialect[], providers: readonly Provider[]): string {
  return [INTRODUCTION, fates(dialects), ONLY_ON, ONLY_WITH, onlyWith(dialects), BYTES, edits(providers)].join('\n\n').concat('\n')
}

const INTRODUCTION = `# What becomes of each parameter

This page is made from the code; after a change: \`vitest run test/contract/dialects/parameter-page.test.ts --update\`.

Where client and provider speak the same dialect, the body's bytes pass, and every parameter with them. Where they do not, the request
crosses through OpenAI's chat completions, and each parameter of it is

* **mapped**: said in the provider's own words;
* **dropped**: left out, and named in \`x-tollgate-params-dropped\`. With \`x-tollgate-strict: true\`, or \`defaults: {strict: true}\` on the
  gateway key, the request is refused instead;
* **refused**: answered 400 \`unsupported_parameter\` with its name, because the answer would be another thing than the one asked for.

One that asks for what happens anyway (\`n: 1\`, \`store: false\`, \`null\`) is neither named nor refused. A name with dots stands inside
messages, parts or tools. What no table lists is dropped, save for chat completions, which get it as it is.`

function fates(dialects: readonly UpstreamDialect[]): string {
  const names = [...new Set(dialects.flatMap(({ params }) => Object.keys(params)))].sort(plainFirst)
  const cells = (name: string) =>
    dialects.map(({ params, unlisted = 'dropped', onlyWith = {}, lostOn }) => {
      const fate = Object.hasOwn(params, name) ? params[name] : unlisted
      if (lostOn?.(UNKNOWN, {}).includes(name)) return 'mapped †'
      return Object.hasOwn(onlyWith, name) ? 'mapped *' : (fate ?? '')
    })
  return table(
    ['parameter', ...dialects.map(({ id }) => id)],
    names.map((name) => [`\`${name}\``, ...cells(name)]),
  )
}

/** Top-level ones before those inside others. */
function plainFirst(one: string, other: string): number {
  return Number(one.includes('.')) - Number(other.includes('.')) || (one < other ? -1 : 1)
}

/** Asked of no model, of which no more is asked than all take. */
const UNKNOWN: ChatRequest = { model: '', messages: [] }

const ONLY_ON = '† Mapped for models of the vendors that have words for it, dropped for all others.'

const ONLY_WITH = '\\* Mapped for providers with this quirk, dropped for all others:'

function onlyWith(dialects: readonly UpstreamDialect[]): string {
  const rows = dialects.flatMap(({ id, onlyWith: quirks = {} }) =>
    Object.entries(quirks).map(([name, some]) => [`\`${name}\``, id, some.map((quirk) => `\`${quirk}\``).join(' or ')]),
  )
  return table(['parameter', 'dialect', 'quirk'], rows)
}

const BYTES = `## What is changed where the bytes pass

A provider that is known to refuse a parameter does not get it, in either lane; it is named as above. Besides, only the model's
name is made the provider's and usage is asked for in a stream. Everything else is the provider's to judge.`

function edits(providers: readonly Provider[]): string {
  const rows = providers.flatMap(({ id, quirks, modelQuirks }) => [
    ...editsOf(id, quirks),
    ...modelQuirks.flatMap((row) => editsOf(`${id}: ${row.models.map((model) => `\`${model}\``).join(' ')}`, row.quirks)),
  ])
  return table(['provider, and models where it differs', 'the other token limit is renamed to', '`seed` is renamed to', 'dropped'], rows)
}

function editsOf(name: string, quirks: Quirks): string[][] {
  const { maxTokensField, seedField } = quirks
  const dropped = refusedBy(quirks).map((name) => `\`${name}\``)
  if (maxTokensField === undefined && seedField === undefined && dropped.length === 0) return []
  const limit = maxTokensField === 'either' ? 'taken as it comes' : maxTokensField && `\`${maxTokensField}\``
  return [[name, limit ?? '', seedField ? `\`${seedField}\`` : '', dropped.join(', ')]]
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')
}
