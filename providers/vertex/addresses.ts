/**
 * Where a path of Vertex stands: at the host of its location, or of several. `{project}` is filled in with the credential's own.
 * https://cloud.google.com/vertex-ai/generative-ai/docs/learn/locations
 */
export function addresses(version: 'v1' | 'v1beta1', path: string) {
  const at = (host: string, location: string): string => `https://${host}/${version}/projects/{project}/locations/${location}/${path}`
  return {
    baseUrl: at('{region}-aiplatform.googleapis.com', '{region}'),
    regions: {
      global: at('aiplatform.googleapis.com', 'global'),
      us: at('aiplatform.us.rep.googleapis.com', 'us'),
      eu: at('aiplatform.eu.rep.googleapis.com', 'eu'),
    },
  }
}
