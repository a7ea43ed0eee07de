import { createHmac } from 'node:crypto'
import type { Secret } from '../contract/secret.ts'

/** What is posted: signed over id, time and body, so that neither is another's, as https://github.com/standard-webhooks/standard-webhooks has it. */
export interface Signed {
  readonly headers: Readonly<Record<string, string>>
  readonly bytes: Buffer
}

export function signedPost({ id, body }: { readonly id: string; readonly body: object }, secret: Secret, now: number): Signed {
  const bytes = Buffer.from(JSON.stringify(body))
  const time = String(Math.floor(now / 1_000))
  const signature = createHmac('sha256', keyOf(secret.reveal())).update(`${id}.${time}.`).update(bytes).digest('base64')
  const headers = {
    'content-type': 'application/json',
    'webhook-id': id,
    'webhook-timestamp': time,
    'webhook-signature': `v1,${signature}`,
  }
  return { headers, bytes }
}

/** `whsec_` and base64, or any text as it is. */
function keyOf(secret: string): Buffer {
  const [, encoded] = /^whsec_([A-Za-z0-9+/]+=*)$/.exec(secret) ?? []
  return encoded === undefined ? Buffer.from(secret) : Buffer.from(encoded, 'base64')
}
