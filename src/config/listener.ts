/** Whether a host name or address means this machine only. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || host === '[::1]' || /^127(\.\d{1,3}){3}$/.test(host)
}

/** Whether a URL leads back to a listener of ours, where a request would go round and round. */
export function leadsTo(listener: { readonly host: string; readonly port: number }, url: URL): boolean {
  if (Number(url.port || DEFAULT_PORTS[url.protocol]) !== listener.port) return false
  if (url.hostname === listener.host || url.hostname === `[${listener.host}]`) return true
  return isLoopback(url.hostname) && (isLoopback(listener.host) || EVERY_ADDRESS.has(listener.host))
}

const DEFAULT_PORTS: Readonly<Record<string, number>> = { 'http:': 80, 'https:': 443 }
const EVERY_ADDRESS: ReadonlySet<string> = new Set(['0.0.0.0', '::'])
