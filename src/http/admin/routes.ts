import type { Route } from '../route.ts'
import { bookRoutes } from './books.ts'
import { catalogueRoutes } from './catalogue.ts'
import type { AdminContext } from './context.ts'
import { eventRoutes } from './events.ts'
import { exportRoutes } from './export.ts'
import { gatewayKeyRoutes } from './gateway-key-routes.ts'
import { incidentRoutes } from './incidents.ts'
import { ledgerExportRoutes } from './ledger-exports.ts'
import { providerKeyRoutes } from './provider-keys.ts'
import { reconcileRoutes } from './reconcile.ts'
import { refreshRoutes } from './refresh.ts'
import { tenantRoutes } from './tenants.ts'

/** Every route of the admin API: the router and the OpenAPI document are both made of this. */
export const adminRoutes: readonly Route<AdminContext>[] = [
  ...tenantRoutes,
  ...exportRoutes,
  ...gatewayKeyRoutes,
  ...providerKeyRoutes,
  ...bookRoutes,
  ...catalogueRoutes,
  ...refreshRoutes,
  ...incidentRoutes,
  ...eventRoutes,
  ...ledgerExportRoutes,
  ...reconcileRoutes,
]
