import { describe, expect, it } from 'vitest'
import { defineProvider } from '../../src/contract/define.ts'
import { Secret } from '../../src/contract/secret.ts'
import { openaiChat } from '../../src/dialects/openai-chat.ts'
import { readParts, strangePart } from '../../src/policy/parts.ts'
import type { createProviderKeys } from '../../src/policy/provider-keys.ts'
import { createRegistry } from '../../src/policy/registry.ts'
import { brennan, keysOver, platformOf, rowsOf } from '../support/provider-keys.ts'

/** A cloud with every kind of part there is. */
const cloud = defineProvider({
  id: 'cloud',
  name: 'Cloud',
  baseUrl: 'https://{resource}.{region}.cloud.example/v1',
  regions: { global: 'https://cloud.example/v1' },
  dialect: openaiChat,
  apiKeyEnv: 'CLOUD_API_KEY',
  credentials: {
    parts: {
      key: { means: 'an API key', secret: true, aliases: ['api_key'] },
      resource: {
        means: 'a name of letters and digits',
        secret: false,
        shape: /^(?:https:\/\/)?([a-z0-9]+)(?:\.cloud\.example)?$/,
        env: ['CLOUD_RESOURCE'],
      },
      region: { means: 'a region', secret: false, shape: /^[a-z]+-[a-z]+\d$/, env: ['CLOUD_REGION'], fallback: 'eu-west1' },
      access_key_id: { means: 'an access key', secret: true, env: ['CLOUD_ACCESS_KEY'] },
      secret_access_key: { means: 'its secret', secret: true, env: ['CLOUD_SECRET'] },
      file: { means: 'a credentials file', secret: true, unfolds: true, aliases: ['account'], fileEnv: ['CLOUD_FILE'] },
      machine: { means: '`on`', secret: false, shape: /^on$/, env: ['CLOUD_MACHINE'] },
    },
    ways: [
      { name: 'an API key', needs: ['key'] },
      { name: 'an access key', needs: ['access_key_id', 'secret_access_key'] },
      { name: 'this machine', needs: ['machine'], platformOnly: true },
    ],
    ignored: ['type'],
  },
})

const secrets = (parts: Readonly<Record<string, string>>) =>
  Object.fromEntries(Object.entries(parts).map(([name, text]) => [name, new Secret(text)]))
const read = (parts: Readonly<Record<string, string>>, by: 'tenant' | 'platform' = 'tenant') => readParts(cloud, secrets(parts), by)

describe('parts of a credential', () => {
  it('make the first way that is whole, and tell where it leads', () => {
    expect(read({ key: 'k', resource: 'acme' })).toMatchObject({
      way: { name: 'an API key' },
      fields: { resource: 'acme', region: 'eu-west1' },
    })
    const signed = read({ access_key_id: 'a', secret_access_key: 's', resource: 'acme', region: 'us-east4' })
    expect(signed).toMatchObject({ way: { name: 'an access key' }, fields: { resource: 'acme', region: 'us-east4' } })
  })

  it('go by other names, stand folded in one another, and count as their shape has them', () => {
    expect(read({ api_key: 'k', resource: 'https://acme.cloud.example' })).toMatchObject({ fields: { resource: 'acme' } })
    const file = JSON.stringify({ type: 'x', access_key_id: 'a', secret_access_key: 's', resource: 'inner', number: 1 })
    expect(read({ file, resource: 'outer' })).toMatchObject({ way: { name: 'an access key' }, fields: { resource: 'outer' } })
    expect(read({ account: file })).toMatchObject({ way: { name: 'an access key' }, fields: { resource: 'inner' } })
  })

  it.each([
    [{ access_key_id: 'a', resource: 'acme' }, 'lacks `secret_access_key` for an access key', 'secret_access_key'],
    [{ resource: 'acme' }, 'holds no key: give `key`, or `access_key_id` and `secret_access_key`', 'key'],
    [{ key: 'k' }, 'lacks `resource`, a name of letters and digits', 'resource'],
    [{ key: 'k', resource: 'evil.example/' }, 'has a `resource` that is not a name of letters and digits', 'resource'],
    [{ key: 'k', resource: 'acme', region: 'x.evil.example#' }, 'has a `region` that is not a region', 'region'],
    [{ machine: 'on', resource: 'acme' }, 'holds no key: give `key`, or `access_key_id` and `secret_access_key`', 'key'],
  ])('say what is wrong with %j, by name and without the value', (given, trouble, part) => {
    expect(read(given)).toEqual({ trouble, part })
  })

  it('need no part that a region’s own address does without', () => {
    const listed = {
      ...cloud,
      credentials: { ...cloud.credentials!, parts: { ...cloud.credentials!.parts, region: { means: 'a region', secret: false } } },
    }
    expect(readParts(listed, secrets({ key: 'k', region: 'global' }), 'tenant')).toMatchObject({ fields: { region: 'global' } })
    expect(readParts(listed, secrets({ key: 'k', endpoint: 'https://own.example' }), 'tenant')).toMatchObject({
      fields: { endpoint: 'https://own.example' },
    })
  })

  it('speak for this machine only where the platform says so', () => {
    expect(read({ machine: 'on', resource: 'acme' }, 'platform')).toMatchObject({ way: { name: 'this machine' } })
  })

  it('are strange where no part goes by the name', () => {
    expect(strangePart(cloud.credentials!, ['key', 'api_key', 'region', 'endpoint', 'type', 'resource'])).toBeUndefined()
    expect(strangePart(cloud.credentials!, ['key', 'secret_acess_key'])).toBe('secret_acess_key')
  })
})

describe('a row of several parts', () => {
  const registry = createRegistry({ providers: [cloud], retired: [] })
  const walked = (rows: readonly string[], given: Partial<Parameters<typeof createProviderKeys>[0]> = {}) =>
    keysOver(rowsOf(rows), { registry, ...given }).keys.walk(brennan, cloud)

  it('is told apart by its principal part, and by the whole of its secrets', () => {
    const row = (secret: string) =>
      `CLOUD_API_KEY={"access_key_id":"AKIA-0123456789-wxyz","secret_access_key":"${secret}","resource":"acme"}`
    const [one, other] = [walked([row('one')]).tenant, walked([row('other')]).tenant]
    expect(one).toMatchObject({ state: 'usable', last4: 'wxyz', fields: { resource: 'acme', region: 'eu-west1' } })
    expect(one?.fingerprint).not.toBe(other?.fingerprint)
    expect(one?.parts?.()['secret_access_key']?.reveal()).toBe('one')
  })

  it('that lacks a part is unreadable and says which', () => {
    expect(walked(['CLOUD_API_KEY=sk-plain-key']).tenant).toMatchObject({
      state: 'unreadable',
      trouble: 'it lacks `resource`, a name of letters and digits',
    })
  })

  it('comes for the platform from its variables', () => {
    const platform = platformOf({ CLOUD_ACCESS_KEY: 'AKIA-0123456789-wxyz', CLOUD_SECRET: 's', CLOUD_RESOURCE: 'acme' })
    const walk = walked([], { platform })
    expect(walk.platform).toMatchObject({ source: 'platform', settingKey: 'CLOUD_ACCESS_KEY', last4: 'wxyz', state: 'usable' })
    expect(walk.lookedFor).toContainEqual({ setting_key: 'CLOUD_ACCESS_KEY', via: 'platform', found: true })
  })

  it('is no credential of the platform’s while nothing secret is set, and names the variable that is missing', () => {
    expect(walked([], { platform: platformOf({ CLOUD_REGION: 'us-east4', CLOUD_RESOURCE: 'acme' }) }).platform).toBeUndefined()
    expect(walked([], { platform: platformOf({ CLOUD_API_KEY: 'sk-plain-key' }) }).platform).toMatchObject({
      state: 'unreadable',
      trouble: 'it lacks `resource`, a name of letters and digits; set CLOUD_RESOURCE',
    })
  })

  it('is one of several keys that lie beside each other, and leads where the others do', () => {
    const platform = platformOf({
      CLOUD_API_KEY: 'sk-0123456789-one',
      CLOUD_API_KEY_2: '{"key":"sk-two","resource":"other"}',
      CLOUD_RESOURCE: 'acme',
    })
    const { pool = [] } = walked([], { platform }).platform ?? {}
    expect(pool.map(({ state, fields }) => [state, fields?.['resource']])).toEqual([
      ['usable', 'acme'],
      ['usable', 'other'],
    ])
    expect(pool.map(({ parts }) => parts?.()['key']?.reveal())).toEqual(['sk-0123456789-one', 'sk-two'])
  })

  it('comes from a file, or says why the file cannot be read', () => {
    const file = JSON.stringify({ access_key_id: 'a', secret_access_key: 's', resource: 'acme' })
    expect(walked([], { platformFile: () => new Secret(file) }).platform).toMatchObject({ state: 'usable', settingKey: 'CLOUD_FILE' })
    const trouble = '/nowhere cannot be read (ENOENT)'
    expect(walked([], { platformFile: () => ({ trouble }) }).platform).toMatchObject({ state: 'unreadable', trouble })
  })
})
