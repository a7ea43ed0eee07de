import { doctor } from '../desk/doctor.ts'
import { byAdminKey, createAdminApp, createMetricsApp } from '../http/admin/app.ts'
import { ADMIN_BASE } from '../http/admin/openapi.ts'
import type { AppParts } from '../http/app.ts'
import type { RelayOptions } from '../http/relay.ts'
import { createTenantPage } from '../http/tenant-page/app.ts'
import type { Metrics } from '../telemetry/metrics.ts'
import { deskOf, installationOf } from './desk.ts'
import type { World } from './world.ts'

export interface Mounts {
  /** Where apps call. */
  readonly tenant: AppParts['mounts']
  /** Where operators call: on the same listener, or on one of their own. */
  readonly admin: AppParts['mounts']
}

export function mountsOf({ world, metrics, options }: { world: World; metrics: Metrics; options: RelayOptions }): Mounts {
  const desk = deskOf(world, options.gateway)
  const identify = byAdminKey(options)
  const admin = createAdminApp({ desk, doctor: async () => doctor(await installationOf(world)), identify, failures: options })
  const figures = createMetricsApp({
    read: async () => [await metrics.text(), metrics.contentType],
    // A listener of the operator's own is his to guard.
    identify: world.configured().config.settings.adminAddr ? undefined : identify,
    failures: options,
  })
  const page = createTenantPage({ desk, options })
  return {
    tenant: ['', '/t/:tenant'].flatMap((prefix) => ['/v1', ''].map((base) => ({ path: prefix + base, app: page }))),
    admin: [
      { path: ADMIN_BASE, app: admin },
      { path: '/metrics', app: figures },
    ],
  }
}
