import { createRanker } from '../catalog/ranker.ts'
import { type Api, replyOf } from '../cli/api.ts'
import { doctor } from '../desk/doctor.ts'
import { localOperator } from '../desk/operator.ts'
import { GatewayError } from '../errors.ts'
import { createAdminApp } from '../http/admin/app.ts'
import { createTokens } from '../upstream/tokens.ts'
import { deskOf, installationOf } from './desk.ts'
import { wayOut } from './engine.ts'
import { createGateway, newInstance } from './gateway.ts'
import { limitsOf } from './limits.ts'
import { newRequestId } from './request-ids.ts'
import { userName } from './user.ts'
import type { World } from './world.ts'

/** The admin API over this machine's own store, for whoever may open its files; no socket listens. */
export async function localAdmin(world: World): Promise<{ api: Api; close(): Promise<void> }> {
  const instance = newInstance()
  const limits = limitsOf(world)
  const upstream = wayOut(world, instance)
  const gateway = createGateway({
    world,
    limits,
    ledger: noBooks,
    upstream,
    tokens: createTokens({ upstream, now: world.now }),
    observe: nobody,
    rank: createRanker(),
    traces: noTraces,
    asked: nothingAsked,
    claims: noClaims,
    answers: noAnswers,
    instance,
  })
  const app = createAdminApp({
    desk: deskOf(world, gateway),
    doctor: async () => doctor(await installationOf(world)),
    identify: () => localOperator(userName()),
    failures: { newRequestId, onFailure: showDefect },
  })
  return {
    async api(method, path, body) {
      const headers = { 'content-type': 'application/json' }
      return replyOf(
        await app.request(`http://local${path}`, { method, ...(body !== undefined && { headers, body: JSON.stringify(body) }) }),
      )
    },
    close: () => upstream.close(),
  }
}

const sendsNothing = () => Promise.reject(new GatewayError('ledger_unavailable', 'Commands send no requests: ask a running gateway.'))

/** A command sends no tenant's request, so it has nothing to book, and nothing to answer once. */
const noBooks = { open: sendsNothing, flush: async () => {} }
const noClaims = { take: sendsNothing }
const noAnswers = { get: async () => undefined, put: () => {}, drop: () => {} }

/** Requests are remembered by the gateway that answered them. */
const noTraces = { keep: () => {}, find: () => undefined }

const nothingAsked = { judged: () => {}, used: () => {} }

const nobody = { attempt: () => {}, refused: () => {} }

/** What is refused is told by the command; only a failure of our own has a stack worth reading. */
function showDefect({ code, cause }: GatewayError): void {
  if (code === 'internal_error' && cause instanceof Error) process.stderr.write(`${cause.stack}\n`)
}
