import { describe, expect, it } from 'vitest'
import { baseUrlOf, pathOf } from '../../src/attempt/request.ts'
import type { Credential } from '../../src/contract/decision.ts'
import { Secret } from '../../src/contract/secret.ts'
import { speaking } from '../../src/contract/speech.ts'
import { keyless } from '../../src/policy/credential.ts'
import { readParts } from '../../src/policy/parts.ts'
import { providerOf } from '../support/shipped.ts'

// Where the shipped providers of several parts are asked, by what was stored.

interface Asked {
  readonly id: string
  readonly parts: Readonly<Record<string, string>>
  readonly model?: string
  readonly client?: string
  readonly stream?: boolean
}

function urlOf({ id, parts, model = 'm', client = 'openai-chat', stream = false }: Asked): string {
  const provider = providerOf(id)
  const secrets = Object.fromEntries(Object.entries(parts).map(([name, text]) => [name, new Secret(text)]))
  const read = readParts(provider, secrets, 'tenant')
  if ('trouble' in read) throw new Error(read.trouble)
  const credential: Credential = { ...keyless, fields: read.fields, way: read.way, parts: () => read.parts }
  const voice = speaking({ provider, model: undefined, wireModel: model }, client)
  return baseUrlOf(voice, credential) + pathOf(voice, { model, stream }, credential)
}

const KEY = { key: 'k', resource: 'acme' }
const TOKEN = { access_token: 't', project: 'p1' }
const GOOGLE = 'aiplatform.googleapis.com'

describe('a provider of several parts', () => {
  it.each<[Asked, string]>([
    [{ id: 'azure', parts: KEY }, 'https://acme.openai.azure.com/openai/v1/chat/completions'],
    [{ id: 'azure', parts: KEY, client: 'openai-responses' }, 'https://acme.openai.azure.com/openai/v1/responses'],
    [
      { id: 'azure', parts: { ...KEY, resource: 'https://acme.services.ai.azure.com/api/projects/x' } },
      'https://acme.openai.azure.com/openai/v1/chat/completions',
    ],
    [
      { id: 'azure-deployments', parts: KEY, model: 'a/../b?c' },
      'https://acme.openai.azure.com/openai/deployments/a%2F..%2Fb%3Fc/chat/completions?api-version=2024-10-21',
    ],
    [
      { id: 'azure-deployments', parts: KEY, model: '{resource}' },
      'https://acme.openai.azure.com/openai/deployments/%7Bresource%7D/chat/completions?api-version=2024-10-21',
    ],
    [{ id: 'azure-anthropic', parts: KEY, client: 'anthropic-messages' }, 'https://acme.services.ai.azure.com/anthropic/v1/messages'],
    [
      { id: 'vertex', parts: TOKEN, client: 'gemini' },
      `https://${GOOGLE}/v1beta1/projects/p1/locations/global/publishers/google/models/m:generateContent`,
    ],
    [
      { id: 'vertex', parts: { ...TOKEN, location: 'us-east5' }, stream: true },
      `https://us-east5-${GOOGLE}/v1beta1/projects/p1/locations/us-east5/publishers/google/models/m:streamGenerateContent?alt=sse`,
    ],
    [
      { id: 'vertex', parts: { ...TOKEN, region: 'eu' } },
      'https://aiplatform.eu.rep.googleapis.com/v1beta1/projects/p1/locations/eu/publishers/google/models/m:generateContent',
    ],
    [
      { id: 'vertex-anthropic', parts: TOKEN, client: 'anthropic-messages', model: 'claude-x@20260101', stream: true },
      `https://${GOOGLE}/v1/projects/p1/locations/global/publishers/anthropic/models/claude-x@20260101:streamRawPredict`,
    ],
    [
      { id: 'vertex-openai', parts: { ...TOKEN, region: 'us-central1' }, model: 'meta/llama' },
      `https://us-central1-${GOOGLE}/v1/projects/p1/locations/us-central1/endpoints/openapi/chat/completions`,
    ],
  ])('%j is asked at %s', (asked, url) => expect(urlOf(asked)).toBe(url))

  it.each<[string, Readonly<Record<string, string>>]>([
    ['azure', { ...KEY, resource: 'acme.evil.example' }],
    ['azure', { ...KEY, resource: 'evil.example/.openai.azure.com' }],
    ['azure', { ...KEY, resource: 'https://evil.example/acme.openai.azure.com' }],
    ['azure-deployments', { ...KEY, api_version: '2024-10-21&x=1' }],
    ['vertex', { ...TOKEN, region: 'evil.example/' }],
    ['vertex', { ...TOKEN, project: '../../evil' }],
  ])('%s takes no part that would lead elsewhere: %j', (id, parts) =>
    expect(() => urlOf({ id, parts })).toThrow(/that is not|which is none/),
  )
})
