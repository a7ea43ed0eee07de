import type { ExportedRow } from '../contract/export.ts'
import type { Secret } from '../contract/secret.ts'
import type { Web } from '../contract/web.ts'
import { GatewayError } from '../errors.ts'
import type { Destination } from './ledger-export.ts'
import { signedPost } from './signature.ts'

export interface ExportHook {
  readonly name: string
  readonly url: string
  readonly secret: Secret
  /** On the operator's own network. */
  readonly private: boolean
}

/** Posts rows in the envelope of events, signed in the same way. The id is the same for the same rows. */
export function webhookDestination(
  hook: ExportHook,
  { web, show, now }: { readonly web: Web; readonly show: (row: ExportedRow) => object; readonly now: () => number },
): Destination {
  return {
    name: hook.name,
    async take(rows) {
      const [first, last] = [rows[0]?.seq, rows.at(-1)?.seq]
      const body = { type: 'ledger.rows', timestamp: new Date(now()).toISOString(), data: { subject: hook.name, rows: rows.map(show) } }
      const status = await web.post(hook, signedPost({ id: `led_${hook.name}_${first}_${last}`, body }, hook.secret, now()))
      if (status < 200 || status >= 300) throw new GatewayError('upstream_error', `answered ${status}`)
    },
    rest: async () => {},
  }
}
