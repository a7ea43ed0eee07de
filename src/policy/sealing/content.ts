import type { TenantId } from '../../contract/ids.ts'
import type { ContentSeal } from '../../contract/vault.ts'
import { GatewayError } from '../../errors.ts'
import { dataKeyFrom, newDataKey } from './data-key.ts'
import { type Binding, openEnvelope, type SealingKey, sealEnvelope } from './envelope.ts'
import type { SealedRows } from './sealed-rows.ts'

export function createContentSeal(rows: SealedRows, random: (bytes: number) => Buffer): ContentSeal {
  const known = (tenant: TenantId): SealingKey | undefined => {
    const content = rows.read('data-key', tenant)
    return content && 'plain' in content ? dataKeyFrom(content.plain) : undefined
  }
  return {
    async ready(tenant) {
      if (known(tenant)) return
      const content = await rows.ensure('data-key', tenant, () => newDataKey(random))
      if ('trouble' in content) throw unopened(content.trouble)
    },
    seal(tenant, place, plain) {
      const key = known(tenant)
      return key && sealEnvelope({ key, binding: bindingOf(tenant, place), plain, random })
    },
    async open(tenant, place, sealed) {
      const opened = (key: SealingKey | undefined) => key && openEnvelope({ key, binding: bindingOf(tenant, place), envelope: sealed })
      const plain = opened(known(tenant))
      if (plain) return plain
      // Another process may have made the key.
      await rows.refresh('data-key', tenant)
      return opened(known(tenant))
    },
  }
}

const bindingOf = (tenant: TenantId, place: string): Binding => ['content', tenant, place]

const unopened = (trouble: string): GatewayError =>
  new GatewayError('storage_unavailable', `What this request is answered could not be kept, for its tenant's data key: ${trouble}.`)
