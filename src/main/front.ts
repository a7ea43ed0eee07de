import type { Server } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { cohereChat } from '../../providers/cohere/chat.ts'
import { cohereEmbeddings, cohereEmbeddings1 } from '../../providers/cohere/embeddings.ts'
import { cohereRerank } from '../../providers/cohere/rerank.ts'
import type { IngressDialect } from '../contract/dialect.ts'
import type { Hub } from '../contract/family.ts'
import { anthropicMessages } from '../dialects/anthropic-messages.ts'
import { anthropicCount, geminiCount } from '../dialects/counting.ts'
import { gemini } from '../dialects/gemini.ts'
import { geminiEmbedding, geminiEmbeddings } from '../dialects/gemini-embeddings.ts'
import { geminiList } from '../dialects/gemini-list.ts'
import { openaiCompletions } from '../dialects/openai-completions.ts'
import { openaiEmbeddings } from '../dialects/openai-embeddings.ts'
import { openaiImageEdits, openaiImages, openaiImageVariations } from '../dialects/openai-images.ts'
import { openaiTranscriptions, openaiTranslations } from '../dialects/openai-listening.ts'
import { openaiModerations } from '../dialects/openai-moderations.ts'
import { openaiResponses } from '../dialects/openai-responses.ts'
import { openaiSpeech } from '../dialects/openai-speech.ts'
import { rerank } from '../dialects/rerank.ts'
import { type AppParts, createApp, createBackApp } from '../http/app.ts'
import { directPosts } from '../http/direct.ts'
import type { FamilyIngress } from '../http/family-posts.ts'
import type { Ingress } from '../http/posts.ts'
import { Relay, type RelayOptions } from '../http/relay.ts'
import { listen, type Serving, serverOf } from '../http/server.ts'
import type { Log } from '../telemetry/log.ts'
import type { Metrics } from '../telemetry/metrics.ts'
import { mountsOf } from './admin.ts'
import { chatIngress } from './chat-ingress.ts'
import type { Engine } from './engine.ts'
import { newRequestId } from './request-ids.ts'
import type { World } from './world.ts'

const ingress: Ingress = {
  chat: chatIngress,
  messages: anthropicMessages,
  messagesCount: anthropicCount,
  responses: openaiResponses,
  completions: openaiCompletions,
  gemini,
  geminiList,
  geminiCount,
  cohere: cohereChat,
}

const families: FamilyIngress = {
  embeddings: openaiEmbeddings,
  geminiEmbedding,
  geminiEmbeddings,
  moderations: openaiModerations,
  rerank,
  images: openaiImages,
  imageEdits: openaiImageEdits,
  imageVariations: openaiImageVariations,
  speech: openaiSpeech,
  transcriptions: openaiTranscriptions,
  translations: openaiTranslations,
  cohereEmbeddings,
  cohereEmbeddings1,
  cohereRerank,
}

/** Of those whose errors look unlike OpenAI's. */
const protocols = new Map<string, IngressDialect<Hub>>([anthropicMessages, gemini].map((dialect) => [dialect.id, dialect]))

/** The listeners, and how they stop. */
export interface Front {
  readonly url: string
  /** Where the admin API is: the same, or a listener of its own. */
  readonly adminUrl: string
  /** As on SIGTERM: not ready at once, requests taken for the delay, streams ended within the timeout. */
  drain(): Promise<void>
}

export interface FrontInput {
  readonly world: World
  readonly engine: Engine
  readonly log: Log
  readonly metrics: Metrics
  /** Milliseconds of silence before a stream is pinged. */
  readonly pingAfter?: number | undefined
}

export async function openFront({ world, engine, log, metrics, pingAfter = 15_000 }: FrontInput): Promise<Front> {
  const { settings } = world.configured().config
  const state = { draining: false }
  const options: RelayOptions = {
    gateway: engine.gateway,
    newRequestId,
    bodyLimit: settings.sizes.body,
    trustedProxies: settings.trustedProxies,
    pingAfter,
    onFailure(error, requestId) {
      metrics.refused(error.code)
      log.failure(error, requestId)
    },
  }
  const relay = new Relay(options)
  metrics.gauge({
    name: 'tollgate_open_requests',
    help: 'Requests under way now, by how they are answered: streamed, or whole, which those are too that have no answer yet.',
    label: 'kind',
    read: () => relay.underWay(),
  })
  const unready = () => (state.draining ? 'draining' : engine.books.trouble())
  const mounts = mountsOf({ world, metrics, options })
  const { adminAddr, corsOrigins } = settings
  const serving = { ...options, headerBlock: settings.sizes.headerBlock }
  const parts: AppParts = {
    ...{ relay, options, ingress, families, unready, corsOrigins },
    protocolOf: (id) => protocols.get(world.configured().registry.lookup(id)?.provider?.dialect.id ?? '') ?? ingress.chat,
    mounts: adminAddr ? mounts.tenant : [...mounts.tenant, ...mounts.admin],
  }
  const back = adminAddr && (await open(createBackApp({ options, unready, mounts: mounts.admin }), adminAddr, serving))
  const front = await open(createApp(parts), settings, { ...serving, direct: directPosts(parts) })
  return {
    url: front.url,
    adminUrl: back?.url ?? front.url,
    async drain() {
      state.draining = true
      await sleep(settings.drainDelay)
      await closed(front.server, relay, settings.drainTimeout)
      back?.server.closeAllConnections()
      back?.server.close()
    },
  }
}

async function open(
  app: ReturnType<typeof createApp>,
  at: { host: string; port: number },
  serving: Serving,
): Promise<{ server: Server; url: string }> {
  const server = serverOf(app, serving)
  const port = await listen(server, at)
  const host = at.host.includes(':') ? `[${at.host}]` : at.host
  return { server, url: `http://${host}:${port}` }
}

/** Milliseconds for the frames that tell clients of the end to leave; whoever does not read them is not waited for. */
const LAST_WORDS = 1_000

/** New connections are refused, those that wait for nothing are closed, and what still streams has until the timeout. */
async function closed(server: Server, relay: Relay, timeout: number): Promise<void> {
  const all = new Promise<void>((resolve) => server.close(() => resolve()))
  relay.drain()
  server.closeIdleConnections()
  const late = setTimeout(() => relay.cut(), timeout)
  const never = setTimeout(() => server.closeAllConnections(), timeout + LAST_WORDS)
  const idle = setInterval(() => server.closeIdleConnections(), 100)
  await all
  clearTimeout(never)
  clearInterval(idle)
  // An answer may still be made though its client has gone: it has until the timeout, too.
  await relay.close()
  clearTimeout(late)
}
