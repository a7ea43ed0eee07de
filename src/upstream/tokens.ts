import type { Mint, Minted, MintRequest, Parts } from '../contract/auth.ts'
import { filled } from '../contract/credential-schema.ts'
import { type Credential, secretsOf } from '../contract/decision.ts'
import type { Tokens } from '../contract/gateway.ts'
import type { Provider } from '../contract/provider.ts'
import { type Upstream, type UpstreamRequest, wholeAnswer } from '../contract/upstream.ts'
import { GatewayError } from '../errors.ts'
import { redact } from '../wire/redact.ts'

/** Milliseconds, as all times here. A token is renewed beside its use this long before its end, and no longer used this long before it. */
const RENEWED = 5 * 60_000
const UNUSED = 30_000
/** Short lives are shared out likewise. */
const RENEWED_PART = 1 / 5
const UNUSED_PART = 1 / 20
/** After a renewal that failed, while the old token still serves. */
const PATIENCE = 10_000

const DEADLINES = { connect: 5_000, firstByte: 10_000, firstByteUnstreamed: 10_000, progress: 10_000, total: 15_000 }

interface Held {
  readonly parts: Parts
  renewAt: number
  readonly usedUntil: number
}

/**
 * Exchanges parts of credentials and remembers what they brought. By the credential as the walk gave it, which is another once a row
 * changes: nothing outlives its row or reaches another tenant.
 */
export function createTokens({ upstream, now }: { upstream: Upstream; now: () => number }): Tokens {
  const held = new WeakMap<Credential, Held>()
  const pending = new WeakMap<Credential, Promise<Parts>>()

  const fetch = (provider: Provider, credential: Credential, mint: Mint): Promise<Parts> => {
    const known = pending.get(credential)
    if (known) return known
    const fetching = exchange({ upstream, now, provider, credential, mint })
      .then(({ parts, expiresAt }) => {
        held.set(credential, heldFor(parts, { now: now(), expiresAt }))
        return parts
      })
      .finally(() => pending.delete(credential))
    pending.set(credential, fetching)
    return fetching
  }

  return {
    async mint(provider, credential, mint) {
      const token = held.get(credential)
      const time = now()
      if (token && time < token.renewAt) return token.parts
      const fresh = fetch(provider, credential, mint)
      if (!token || time >= token.usedUntil) return fresh
      // The old one serves on; who waits for nobody is told by nobody, so the next caller tries again.
      token.renewAt = time + PATIENCE
      fresh.catch(() => undefined)
      return token.parts
    },
    forget: (credential) => void held.delete(credential),
  }
}

function heldFor(parts: Parts, { now, expiresAt }: { now: number; expiresAt: number }): Held {
  const life = expiresAt - now
  return {
    parts,
    renewAt: expiresAt - Math.min(RENEWED, life * RENEWED_PART),
    usedUntil: expiresAt - Math.min(UNUSED, life * UNUSED_PART),
  }
}

interface Exchanging {
  readonly upstream: Upstream
  readonly now: () => number
  readonly provider: Provider
  readonly credential: Credential
  readonly mint: Mint
}

async function exchange({ upstream, now, provider, credential, mint }: Exchanging): Promise<Minted> {
  const url = filled(mint.url, credential.fields ?? {})
  const asked = askedWith(mint, { provider, credential, url, now: now() })
  const { status, body } = await wholeAnswer(upstream, requestOf(provider, url, asked)).catch(unreachable)
  const text = body.toString()
  const minted = status < 300 ? mint.read(text, now()) : undefined
  if (minted) return minted
  const words = mint.refusal(status, text)
  if (words !== undefined) throw refused({ provider, credential, words: redact(words, secretsOf(credential)) })
  const said = status < 300 ? 'in a shape that is no token' : `with status ${status}`
  throw new GatewayError('upstream_unreachable', `${serviceOf(provider)} answered ${said}, so nothing was sent. Try again in a minute.`)
}

/** What is signed with a key that is none is never sent. */
function askedWith(
  mint: Mint,
  { provider, credential, url, now }: Pick<Exchanging, 'provider' | 'credential'> & { url: string; now: number },
): MintRequest {
  try {
    return mint.ask(credential.parts?.() ?? {}, { url, now })
  } catch (error) {
    if (error instanceof GatewayError) throw error
    throw refused({ provider, credential, words: 'A private key among its parts cannot be used.' })
  }
}

function requestOf(provider: Provider, url: string, { method, headers, body }: MintRequest): UpstreamRequest {
  const { origin, pathname, search } = new URL(url)
  return {
    // Only the name is told of, and it is the service that fails.
    provider: { ...provider, name: serviceOf(provider) },
    baseUrl: origin,
    path: pathname + search,
    method,
    headers: { accept: 'application/json', 'user-agent': 'tollgate', ...headers },
    body,
    deadlines: DEADLINES,
    stream: false,
  }
}

const serviceOf = ({ name }: Provider): string => `The token service of ${name}`

/** Whatever befell the exchange, the provider itself was not asked. */
function unreachable(error: unknown): never {
  const message = error instanceof GatewayError ? error.message : 'A token could not be fetched, for a fault of the gateway.'
  throw new GatewayError('upstream_unreachable', message, { cause: error })
}

function refused({ provider, credential, words }: { provider: Provider; credential: Credential; words: string }): GatewayError {
  const platform = credential.source === 'platform'
  const whose = platform ? "the platform's key" : `the stored key ${credential.settingKey}: store a good one`
  return new GatewayError('credential_invalid', `${words} (${provider.name} refuses ${whose}.)`, {
    status: platform ? 503 : 403,
    retry: false,
    ...(platform && { origin: 'platform' as const }),
    metadata: { provider: provider.id },
  })
}
