import { Agent, request } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Random } from '../support/random.ts'
import type { Payer } from './payers.ts'
import { type Asked, bodyOf, type How, scripted } from './script.ts'

/** Clients that ask one request after the other, whether anybody listens or not. */
export interface Crowd {
  /** What was asked since it was last taken, by nonce. */
  take(): ReadonlyMap<string, Asked>
  scriptOf(nonce: string): Asked | undefined
  /** Lets everybody finish, and ask no more until the crowd goes on. */
  pause(): Promise<void>
  goOn(): void
  stop(): Promise<void>
}

interface Input {
  readonly url: () => string
  readonly size: number
  readonly random: Random
  /** Who asks next. */
  readonly payer: () => Payer | undefined
}

export function gather({ url, size, random, payer }: Input): Crowd {
  const agent = new Agent({ keepAlive: true, maxSockets: size })
  let asked = new Map<string, Asked>()
  let number = 0
  let going = false
  let gathered: Promise<unknown> = Promise.resolve()

  async function client(): Promise<void> {
    while (going) {
      const who = payer()
      if (who) await once(who)
      await sleep(random.between(0, 10))
    }
  }

  async function once({ id, key }: Payer): Promise<void> {
    const ask = scripted(random, `n-${number++}`, id)
    asked.set(ask.nonce, ask)
    for (let times = 0; times < (ask.keyed ? 4 : 1) && (times === 0 || ask.how === 'cut'); times++) {
      ask.how = await post({ agent, url: url(), key }, ask)
      // The gateway is down, or just going down.
      if (ask.how === 'cut') await sleep(50)
    }
  }

  return {
    take() {
      const taken = asked
      asked = new Map()
      return taken
    },
    scriptOf: (nonce) => asked.get(nonce),
    async pause() {
      going = false
      await gathered
    },
    goOn() {
      going = true
      gathered = Promise.all(Array.from({ length: size }, client))
    },
    async stop() {
      going = false
      await gathered
      agent.destroy()
    },
  }
}

function post({ agent, url, key }: { agent: Agent; url: string; key: string }, ask: Asked): Promise<How> {
  const again = ask.keyed && { 'idempotency-key': ask.nonce }
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json', ...again }
  return new Promise((resolve) => {
    const sent = request(`${url}/v1/chat/completions`, { method: 'POST', agent, headers }, (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (piece: string) => (text += piece))
      response.on('error', () => resolve('cut'))
      response.on('end', () => resolve(response.complete ? readAs(response.statusCode ?? 0, text) : 'cut'))
    })
    sent.on('error', () => resolve('cut'))
    const leave = () => {
      resolve('left')
      sent.destroy()
    }
    const timer = ask.leaves === undefined ? undefined : setTimeout(leave, ask.leaves)
    sent.on('close', () => clearTimeout(timer))
    sent.end(bodyOf(ask))
  })
}

/** A stream that ends without its last frame has broken off, whatever its status was. */
function readAs(status: number, text: string): How {
  if (status !== 200) return 'refused'
  return text.startsWith('{') || text.includes('data: [DONE]') ? 'told' : 'cut'
}
