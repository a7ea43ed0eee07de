import type { Secret } from '../contract/secret.ts'
import { GatewayError } from '../errors.ts'
import { type Api, Misused, replyOf } from './api.ts'
import type { Terminal } from './terminal.ts'

/** A running gateway's admin API. The key comes from the environment or is typed unseen, never from an argument. */
export async function remoteApi(url: string, from: { adminKey: Secret | undefined; terminal: Terminal }): Promise<Api> {
  const base = baseOf(url)
  if (!PRIVATE.test(base)) from.terminal.err('The admin key crosses the network in clear: use https, or a tunnel.')
  const key = from.adminKey ?? (await typedKey(from.terminal))
  return async (method, path, body) => {
    const response = await fetch(`${base}/admin/v1${path}`, {
      method,
      redirect: 'error',
      headers: {
        authorization: `Bearer ${key.reveal()}`,
        accept: 'application/json',
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    }).catch((cause: unknown) => {
      throw new GatewayError('upstream_unreachable', `No gateway answers at ${base}. Is it running, and is this its admin address?`, {
        cause,
      })
    })
    return replyOf(response)
  }
}

/** Encrypted, or not on any network. */
const PRIVATE = /^https:|^http:\/\/(?:localhost|127(?:\.\d+){3}|\[::1\])(?:[:/]|$)/

function baseOf(url: string): string {
  const parsed = URL.parse(url)
  if (!parsed || !/^https?:$/.test(parsed.protocol)) throw new Misused(`"${url}" is no URL: write e.g. --url http://127.0.0.1:4000`)
  if (parsed.username !== '' || parsed.password !== '') throw new Misused('A key does not belong in the URL: set TOLLGATE_ADMIN_KEY.')
  return parsed.href.replace(/\/+$/, '')
}

function typedKey(terminal: Terminal): Promise<Secret> {
  if (terminal.interactive) return terminal.secret('admin key')
  throw new Misused('With --url an admin key is needed: set TOLLGATE_ADMIN_KEY.')
}
