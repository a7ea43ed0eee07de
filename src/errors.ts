// Failures are rows: a stable code, its status, the protocol's type, whose fault it is, and whether trying again can help.

export type Origin = 'client' | 'tenant' | 'plan' | 'platform' | 'provider' | 'gateway'

interface Row {
  readonly status: number
  readonly type: string
  readonly origin: Origin
  /** May the same request succeed later without anyone changing anything? */
  readonly retry: boolean
}

// biome-ignore lint/complexity/useMaxParams: a row of a table reads as a row
const row = (status: number, type: string, origin: Origin, retry = false): Row => ({ status, type, origin, retry })

const INVALID = 'invalid_request_error'
const DENIED = 'permission_error'

export const ERRORS = {
  invalid_api_key: row(401, 'authentication_error', 'client'),
  ambiguous_credentials: row(400, INVALID, 'client'),
  tenant_required: row(400, INVALID, 'client'),
  tenant_not_found: row(404, INVALID, 'client'),
  tenant_mismatch: row(403, DENIED, 'client'),
  key_not_allowed_here: row(403, DENIED, 'client'),
  tenant_suspended: row(403, DENIED, 'tenant'),
  scope_missing: row(403, DENIED, 'client'),
  privilege_escalation: row(403, DENIED, 'client'),
  ip_not_allowed: row(403, DENIED, 'client'),

  not_found: row(404, INVALID, 'client'),
  path_not_allowed: row(400, INVALID, 'client'),
  method_not_allowed: row(405, INVALID, 'client'),
  unsupported_media_type: row(415, INVALID, 'client'),
  invalid_json: row(400, INVALID, 'client'),
  invalid_utf8: row(400, INVALID, 'client'),
  duplicate_key: row(400, INVALID, 'client'),
  json_too_deep: row(400, INVALID, 'client'),
  json_too_complex: row(400, INVALID, 'client'),
  invalid_value: row(400, INVALID, 'client'),
  invalid_header: row(400, INVALID, 'client'),
  unsupported_parameter: row(400, INVALID, 'client'),
  request_too_large: row(413, INVALID, 'client'),
  request_timeout: row(408, INVALID, 'client', true),
  idempotency_key_reuse: row(409, INVALID, 'client'),
  request_in_progress: row(409, INVALID, 'client', true),
  answer_not_kept: row(409, INVALID, 'gateway'),
  already_exists: row(409, INVALID, 'client'),
  store_read_only: row(409, INVALID, 'platform'),
  client_closed_request: row(499, INVALID, 'client'),

  model_not_found: row(404, INVALID, 'client'),
  response_not_found: row(404, INVALID, 'client'),
  route_condition_unmet: row(403, DENIED, 'platform'),
  plan_unknown: row(403, DENIED, 'platform'),
  model_not_in_plan: row(403, DENIED, 'plan'),
  endpoint_not_in_plan: row(403, DENIED, 'plan'),
  provider_not_in_plan: row(403, DENIED, 'plan'),
  byok_not_in_plan: row(403, DENIED, 'plan'),
  credential_missing: row(403, DENIED, 'tenant'),
  credential_unreadable: row(503, 'api_error', 'platform'),
  credential_invalid: row(403, DENIED, 'tenant'),
  capability_missing: row(400, INVALID, 'client'),
  context_too_long: row(400, INVALID, 'client'),
  price_unknown: row(403, DENIED, 'plan'),
  provider_unavailable: row(503, 'api_error', 'provider', true),
  provider_disabled: row(503, 'api_error', 'platform', true),
  rate_limit_exceeded: row(429, 'rate_limit_error', 'plan', true),
  concurrency_limit_exceeded: row(429, 'rate_limit_error', 'plan', true),
  budget_exceeded: row(429, 'insufficient_quota', 'plan'),
  request_exceeds_limit: row(400, INVALID, 'plan'),
  no_eligible_model: row(403, DENIED, 'plan'),

  upstream_error: row(502, 'api_error', 'provider'),
  upstream_permission_denied: row(403, DENIED, 'provider'),
  credential_exhausted: row(402, 'insufficient_quota', 'tenant'),
  upstream_model_gone: row(502, 'api_error', 'provider'),
  upstream_protocol_error: row(502, 'api_error', 'provider'),
  upstream_disconnected: row(502, 'api_error', 'provider'),
  upstream_unreachable: row(502, 'api_error', 'provider', true),
  upstream_timeout: row(504, 'api_error', 'provider'),
  no_recording: row(502, 'api_error', 'gateway'),
  loop_detected: row(508, 'api_error', 'gateway'),
  base_url_not_allowed: row(400, INVALID, 'client'),
  unsafe_secret: row(500, 'api_error', 'platform'),
  master_key_missing: row(500, 'api_error', 'platform'),
  master_key_wrong: row(500, 'api_error', 'platform'),
  database_unusable: row(500, 'api_error', 'gateway'),
  storage_unavailable: row(503, 'api_error', 'gateway', true),
  audit_unavailable: row(503, 'api_error', 'gateway', true),
  ledger_unavailable: row(503, 'api_error', 'gateway', true),
  overloaded: row(503, 'api_error', 'gateway', true),
  draining: row(503, 'api_error', 'gateway', true),
  internal_error: row(500, 'api_error', 'gateway'),
} as const satisfies Record<string, Row>

export type ErrorCode = keyof typeof ERRORS

export interface ErrorDetails {
  /** The true status where it is not the table's, e.g. a provider's own. */
  readonly status?: number
  readonly type?: string
  readonly origin?: Origin
  readonly retry?: boolean
  /** The provider's words mean that the prompt is too long, or that the model will not speak of it. */
  readonly kind?: 'context' | 'refusal'
  /** A provider's own code, shown to the client in place of ours. */
  readonly shownCode?: string
  readonly param?: string
  /** Seconds. */
  readonly retryAfter?: number
  readonly metadata?: Readonly<Record<string, unknown>>
  readonly headers?: Readonly<Record<string, string>>
  /** A provider's error that is already the client's envelope: its bytes are shown as they are, redacted. */
  readonly body?: Buffer
  readonly cause?: unknown
}

/** The one error that is shown to callers. The message says what happened and what to do next, and never holds a secret. */
export class GatewayError extends Error {
  readonly code: ErrorCode
  readonly details: ErrorDetails

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause })
    this.name = 'GatewayError'
    this.code = code
    this.details = details
  }

  /** The same error with more to tell. */
  with(more: ErrorDetails): GatewayError {
    return new GatewayError(this.code, this.message, { ...this.details, ...more })
  }

  get status(): number {
    return this.details.status ?? ERRORS[this.code].status
  }

  get type(): string {
    return this.details.type ?? ERRORS[this.code].type
  }

  get origin(): Origin {
    return this.details.origin ?? ERRORS[this.code].origin
  }

  get retry(): boolean {
    return this.details.retry ?? ERRORS[this.code].retry
  }
}
