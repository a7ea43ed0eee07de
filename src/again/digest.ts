import { createHash } from 'node:crypto'
import { canonicalJson } from '../wire/canonical-json.ts'

/** The same for requests that ask the same; absent and null are one in `about`. */
export function digestOf(about: readonly unknown[], body: Buffer): string {
  return createHash('sha256')
    .update(`${JSON.stringify(about)}\n`)
    .update(canonical(body))
    .digest('hex')
}

/** What is no JSON deep down is nobody's to reorder. */
function canonical(body: Buffer): Buffer | string {
  try {
    return canonicalJson(body.toString())
  } catch {
    return body
  }
}
