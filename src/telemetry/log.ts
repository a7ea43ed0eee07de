import { type DestinationStream, type Logger, pino } from 'pino'
import type { GatewayError } from '../errors.ts'
import { withoutGatewayKeys } from '../wire/gateway-keys.ts'

/** One JSON line an event, on standard error. No prompt, answer or key is ever handed to it. */
export interface Log {
  info(what: string, detail?: Readonly<Record<string, unknown>>): void
  warn(what: string, detail?: Readonly<Record<string, unknown>>): void
  error(what: string, detail?: Readonly<Record<string, unknown>>): void
  /** A request that was not answered well, by its error's own words. */
  failure(error: GatewayError, requestId: string): void
  flush(): void
}

export function createLog(input: { level?: string; destination?: DestinationStream } = {}): Log {
  const lines = pino(
    { level: input.level ?? 'info', base: undefined, timestamp: pino.stdTimeFunctions.isoTime },
    input.destination ?? pino.destination({ dest: 2, sync: true }),
  )
  return {
    info: (what, detail = {}) => lines.info(detail, what),
    warn: (what, detail = {}) => lines.warn(detail, what),
    error: (what, detail = {}) => lines.error(detail, what),
    failure: (error, requestId) => tell(lines, error, requestId),
    flush: () => lines.flush(),
  }
}

function tell(lines: Logger, error: GatewayError, requestId: string): void {
  const { tenant, plan, provider } = error.details.metadata ?? {}
  const detail = { request_id: requestId, code: error.code, status: error.status, origin: error.origin, tenant, plan, provider }
  if (error.code !== 'internal_error') lines.info(detail, withoutGatewayKeys(error.message))
  // Only a failure of our own has a stack worth reading; a cause from a provider may hold what it echoed.
  else lines.error({ ...detail, stack: error.cause instanceof Error ? error.cause.stack : undefined }, error.message)
}
