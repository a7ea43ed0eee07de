import type { ProviderFailure } from '../../src/contract/dialect.ts'
import { readFailure } from '../../src/dialects/failure.ts'
import { fields, word } from '../../src/dialects/fields.ts'

/**
 * An error of AWS: its words in the body (the front door writes `Message`), its type in a header or the body, with an address behind it.
 * https://smithy.io/2.0/aws/protocols/aws-restjson1-protocol.html#operation-error-serialization
 */
export function decodeFailure(body: unknown, headers: Readonly<Record<string, string>> = {}): ProviderFailure | undefined {
  const answer = fields(body)
  const failure = readFailure(body) ?? shouted(word(answer.Message))
  const type = word(headers['x-amzn-errortype'] ?? answer.__type)
    ?.replace(/:.*$/, '')
    .replace(/^.*#/, '')
  return failure && type !== undefined ? { ...failure, type, code: type } : failure
}

function shouted(message: string | undefined): ProviderFailure | undefined {
  return message === undefined ? undefined : { message }
}
