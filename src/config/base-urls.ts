import { type ProviderId, settingKeyOf } from '../contract/ids.ts'
import { type Environment, withoutBlanks } from './env.ts'
import { BASE_URL, isBaseUrl } from './gateway.ts'
import { leadsTo } from './listener.ts'
import { ConfigError } from './problems.ts'
import type { Settings } from './settings.ts'

/** The operator's address for a provider, in place of the registry's. */
export interface BaseUrl {
  /** Without a slash at its end. */
  readonly url: string
  /** For the operator, where it was taken from a variable that clients use to reach us. */
  readonly warning?: string
}

/**
 * `TOLLGATE_<PROVIDER_ID>_BASE_URL`, else `<PROVIDER_ID>_BASE_URL`, else `base_urls` of `gateway.yaml`; undefined where none is given.
 * Throws `ConfigError` where it is no base URL, or leads to our own listener.
 */
export function baseUrlOf(id: ProviderId, settings: Settings, env: Environment): BaseUrl | undefined {
  const variables = withoutBlanks(env)
  const common = settingKeyOf(id).replace(/_API_KEY$/, '_BASE_URL')
  const ours = `TOLLGATE_${common}`
  if (variables[ours] !== undefined) return { url: checkedUrl(variables[ours], ours, settings) }
  if (variables[common] !== undefined) {
    const warning = `${common} is used as the address of provider ${id}; apps use that name to reach this gateway: name it ${ours} instead.`
    return { url: checkedUrl(variables[common], common, settings), warning }
  }
  const written = settings.baseUrls[id]
  return written === undefined ? undefined : { url: checkedUrl(written, `base_urls.${id}`, settings) }
}

/** `TOLLGATE_<PROVIDER_ID>_TOKEN_URL`: where credentials are exchanged for tokens, in place of the vendor's own service. */
export function tokenUrlOf(id: ProviderId, settings: Settings, env: Environment): string | undefined {
  const name = `TOLLGATE_${settingKeyOf(id).replace(/_API_KEY$/, '_TOKEN_URL')}`
  const written = withoutBlanks(env)[name]
  return written === undefined ? undefined : checkedUrl(written, name, settings)
}

function checkedUrl(written: string, name: string, settings: Settings): string {
  const refuse = (message: string): ConfigError =>
    new ConfigError([{ file: name.startsWith('base_urls.') ? 'gateway.yaml' : 'environment', line: 0, path: name, message }])
  const url = URL.parse(written)
  if (!url || !isBaseUrl(written)) throw refuse(BASE_URL)
  const listeners = settings.adminAddr ? [settings, settings.adminAddr] : [settings]
  if (listeners.some((listener) => leadsTo(listener, url))) {
    throw refuse("This address is the gateway's own, so requests would go in a circle: give the provider's, or unset it.")
  }
  return written.replace(/\/+$/, '')
}
