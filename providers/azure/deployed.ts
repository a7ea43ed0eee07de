import type { UpstreamDialect } from '../../src/contract/dialect.ts'
import type { Hub } from '../../src/contract/family.ts'

/** As it is said to a deployment: the path names it and the version of the API, the body does not. */
export function deployed<H extends Hub>(dialect: UpstreamDialect<H>): UpstreamDialect<H> {
  return {
    ...dialect,
    path: (call) => `/deployments/${encodeURIComponent(call.model)}${dialect.path(call)}?api-version={api_version}`,
    encodeRequest(request, context) {
      const { model: _inPath, ...body } = { model: undefined, ...dialect.encodeRequest(request, context) }
      return body
    },
    edits: { ...dialect.edits, model: false, inPath: ['model'] },
  }
}
