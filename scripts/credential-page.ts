import type { CredentialPart, CredentialSchema } from '../src/contract/credential-schema.ts'
import type { Provider } from '../src/contract/provider.ts'

/** `docs/credentials.md`: what keys of several parts are made of, read from the data that the gateway itself goes by. */
export function credentialPage(providers: readonly Provider[]): string {
  const several = providers.flatMap((provider) => (provider.credentials ? [{ provider, schema: provider.credentials }] : []))
  // Providers of one key group whose keys are made alike are told of together.
  const alike = Map.groupBy(several, ({ provider, schema }) => JSON.stringify([provider.apiKeyEnv, rows(schema)]))
  const sections = [...alike.values()].map((group) => section(group))
  return [INTRODUCTION, ...sections, TOKENS].join('\n\n').concat('\n')
}

const INTRODUCTION = `# Keys of several parts

This page is made from the code; after a change: \`vitest run test/contract/credential-page.test.ts --update\`.

Most providers take one key. Those below take several parts: which resource, project or region it is, and one of several ways to be known
there. A tenant's are stored as one value, sealed whole:

\`\`\`sh
npm run -s tollgate -- provider-keys set acme azure < fields.json     # {"key":"…","resource":"acme-prod"}
curl -X PUT localhost:4000/admin/v1/tenants/acme/provider-keys/vertex -H "authorization: Bearer $ADMIN_KEY" \\
  -H 'content-type: application/json' -d '{"fields":{"credentials":"<the file, as text>"},"region":"europe-west4"}'
\`\`\`

What is missing, misspelt or misshapen is refused by name. In SQL the same JSON object may be written into the row by hand. The platform's
own parts come from environment variables; \`doctor\` and the first lines of a start say what is missing. No part can choose a host: the
parts that stand in an address have a closed shape, and addresses inside a vendor's credentials file are not followed.`

interface Member {
  readonly provider: Provider
  readonly schema: CredentialSchema
}

function section(group: readonly Member[]): string {
  const [first] = group
  if (!first) return ''
  const { schema, provider } = first
  return [
    `## ${group.map((member) => member.provider.name).join(', ')}`,
    table(
      ['provider', 'address'],
      group.flatMap(({ provider }) => addresses(provider)),
    ),
    `Stored under \`${provider.apiKeyEnv}\`${group.length > 1 ? ', for all of them' : ''}. The platform's own: ${names(provider)}, plain or as the same JSON, and what the table names.`,
    `One of: ${ways(schema)}.`,
    table(['field', 'is', 'secret', 'from the environment'], rows(schema)),
  ].join('\n\n')
}

const names = ({ apiKeyEnv, envAliases }: Provider): string => [apiKeyEnv, ...envAliases].map((name) => `\`${name}\``).join(' or ')

function addresses({ id, baseUrl = '', regions = {} }: Provider): string[][] {
  return [
    [`\`${id}\``, `\`${baseUrl}\``],
    ...Object.entries(regions).map(([region, url]) => [`\`${id}\`, region \`${region}\``, `\`${url}\``]),
  ]
}

const ways = ({ ways }: CredentialSchema): string =>
  ways
    .map(({ name, needs, takes = [], platformOnly }) => {
      const optional = takes.length > 0 ? `, also ${listed(takes)}` : ''
      return `${name} (${listed(needs)}${optional}${platformOnly ? '; the platform only' : ''})`
    })
    .join('; ')

function rows({ parts }: CredentialSchema): string[][] {
  return Object.entries(parts).map(([name, part]) => [`\`${name}\`${aka(part)}`, meaning(part), part.secret ? 'yes' : '', sources(part)])
}

const aka = ({ aliases = [] }: CredentialPart): string => (aliases.length > 0 ? `, or ${listed(aliases)}` : '')

const meaning = ({ means, fallback }: CredentialPart): string => (fallback === undefined ? means : `${means}; \`${fallback}\` where absent`)

const sources = ({ env = [], fileEnv = [] }: CredentialPart): string =>
  [...env.map((name) => `\`${name}\``), ...fileEnv.map((name) => `\`${name}\` (a file's path)`)].join(', ')

const listed = (names: readonly string[]): string => names.map((name) => `\`${name}\``).join(', ')

const TOKENS = `## Tokens

Where parts are exchanged for a token, that happens at the vendor's own service, once for all requests that wait, and again some minutes
before the token ends. \`TOLLGATE_<PROVIDER_ID>_TOKEN_URL\` puts another service in its place, as \`TOLLGATE_<PROVIDER_ID>_BASE_URL\` does for the
provider itself. A service that refuses the parts is a \`credential_invalid\` in its own words; one that cannot be asked is an
\`upstream_unreachable\`, and nothing was sent.

A deployment of Azure has a name of its own and no price: say in \`models.yaml\` what model it is.

\`\`\`yaml
models:
  gpt-5-mini:
    offers:
      - { provider: azure, wire_model: my-deployment, price: { input: 0.25, output: 2 } }
\`\`\``

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')
}
