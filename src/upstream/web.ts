import { Agent, request } from 'undici'
import type { Web, WebAddress } from '../contract/web.ts'
import { GatewayError } from '../errors.ts'
import { createGuard } from './guard.ts'

/** Milliseconds for a whole exchange. */
const PATIENCE = 30_000
/** Bytes of an answer nobody wants that are read, so that its socket may serve again. */
const FAREWELL = 16 * 1024

/** One agent for the public network behind the egress guard, and one for each origin that the operator calls his own. */
export function createWeb({ patience = PATIENCE }: { patience?: number } = {}): Web {
  const agents = new Map<string, Agent>()
  const doors = new Map<string, ReturnType<typeof createGuard>>()

  function through({ url, private: own }: WebAddress): { url: string; dispatcher: Agent } {
    const key = own && URL.canParse(url) ? new URL(url).origin : ''
    const guard = doors.get(key) ?? createGuard(key === '' ? {} : { trustedOrigins: [key] })
    doors.set(key, guard)
    const checked = guard.check(url)
    const dispatcher = agents.get(key) ?? new Agent({ connect: guard.connect })
    agents.set(key, dispatcher)
    return { url: checked, dispatcher }
  }

  async function exchange(address: WebAddress, options: Pick<NonNullable<Parameters<typeof request>[1]>, 'method' | 'headers' | 'body'>) {
    const { url, dispatcher } = through(address)
    try {
      return await request(url, { ...options, dispatcher, signal: AbortSignal.timeout(patience) })
    } catch (error) {
      throw failure(address, error)
    }
  }

  return {
    async get(address, mostBytes) {
      const { statusCode, body } = await exchange(address, { method: 'GET' })
      if (statusCode !== 200) {
        await body.dump({ limit: FAREWELL }).catch(() => undefined)
        throw new GatewayError('upstream_protocol_error', `${hostOf(address)} answered ${statusCode} where 200 was wanted.`)
      }
      const chunks: Buffer[] = []
      let bytes = 0
      try {
        for await (const chunk of body) {
          bytes += chunk.length
          if (bytes > mostBytes) throw new GatewayError('upstream_protocol_error', `${hostOf(address)} sends more than ${mostBytes} bytes.`)
          chunks.push(chunk)
        }
      } catch (error) {
        throw failure(address, error)
      }
      return Buffer.concat(chunks, bytes)
    },
    async post(address, { headers, bytes }) {
      const { statusCode, body } = await exchange(address, { method: 'POST', headers, body: bytes })
      await body.dump({ limit: FAREWELL }).catch(() => undefined)
      return statusCode
    },
    async close() {
      await Promise.all([...agents.values()].map((agent) => agent.destroy()))
    },
  }
}

/** The host alone: what follows it may hold a token. */
const hostOf = ({ url }: WebAddress): string => URL.parse(url)?.host ?? 'The address'

function failure(address: WebAddress, cause: unknown): GatewayError {
  if (cause instanceof GatewayError) return cause
  const late = cause instanceof Error && cause.name === 'TimeoutError'
  const code = cause instanceof Error && 'code' in cause ? ` (${String(cause.code)})` : ''
  return late
    ? new GatewayError('upstream_timeout', `${hostOf(address)} did not answer in time.`, { cause })
    : new GatewayError('upstream_unreachable', `${hostOf(address)} cannot be reached${code}.`, { cause })
}
