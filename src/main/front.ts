import type { Server } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { openaiChat } from '../dialects/openai-chat.ts'
import { createApp } from '../http/app.ts'
import { Relay, type RelayOptions } from '../http/relay.ts'
import { listen, serverOf } from '../http/server.ts'
import type { Log } from '../telemetry/log.ts'
import type { Metrics } from '../telemetry/metrics.ts'
import type { Engine } from './engine.ts'
import { newRequestId } from './request-ids.ts'
import type { World } from './world.ts'

/** The listeners, and how they stop. */
export interface Front {
  readonly url: string
  /** As on SIGTERM: not ready at once, requests taken for the delay, streams ended within the timeout. */
  drain(): Promise<void>
}

export interface FrontInput {
  readonly world: World
  readonly engine: Engine
  readonly log: Log
  readonly metrics: Metrics
}

const PING_AFTER = 15_000

export async function openFront({ world, engine, log, metrics }: FrontInput): Promise<Front> {
  const { settings } = world.configured().config
  const state = { draining: false }
  const options: RelayOptions = {
    gateway: engine.gateway,
    newRequestId,
    bodyLimit: settings.sizes.body,
    trustedProxies: settings.trustedProxies,
    pingAfter: PING_AFTER,
    onFailure(error, requestId) {
      metrics.refused(error.code)
      log.failure(error, requestId)
    },
  }
  const relay = new Relay(options)
  const app = createApp({
    relay,
    options,
    openaiChat,
    unready: () => (state.draining ? 'draining' : undefined),
    corsOrigins: settings.corsOrigins,
    mounts: [],
  })
  const server = serverOf(app, { headerBlock: settings.sizes.headerBlock })
  const port = await listen(server, settings)
  const host = settings.host.includes(':') ? `[${settings.host}]` : settings.host
  return {
    url: `http://${host}:${port}`,
    async drain() {
      state.draining = true
      await sleep(settings.drainDelay)
      await closed(server, relay, settings.drainTimeout)
    },
  }
}

/** New connections are refused, those that wait for nothing are closed, and what still streams has until the timeout. */
async function closed(server: Server, relay: Relay, timeout: number): Promise<void> {
  const all = new Promise<void>((resolve) => server.close(() => resolve()))
  relay.drain()
  server.closeIdleConnections()
  const late = setTimeout(() => relay.cut(), timeout)
  const idle = setInterval(() => server.closeIdleConnections(), 100)
  await all
  clearTimeout(late)
  clearInterval(idle)
  relay.close()
}
