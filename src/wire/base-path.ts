/**
 * The path as it goes below a base URL. Clients are told an address with the base URL's own path in it, or with its last part, or without
 * any of it, as their authors are used to; it is sent once: below `https://api.example.com/openai/v1`, `/v1/files` means `/files`.
 */
export function belowBase(baseUrl: string, path: string): string {
  const segments = baseUrl
    .replace(/^[^/]*\/\/[^/]*/, '')
    .split('/')
    .filter((segment) => segment !== '')
  for (let from = 0; from < segments.length; from++) {
    const repeated = `/${segments.slice(from).join('/')}/`
    if (path.startsWith(repeated)) return path.slice(repeated.length - 1)
  }
  return path
}
