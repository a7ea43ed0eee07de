import { setTimeout as sleep } from 'node:timers/promises'
import { ClientOfflineError } from '@redis/client'
import { type Command, type Connection, toCluster, toServer } from './connection.ts'
import { BEAT, beat, DEAD } from './fleet.ts'
import type { Figures, Redis, RedisInput, ScriptCall } from './redis.ts'
import { type Server, serverOf, UNKNOWN } from './server.ts'

/** Milliseconds: how long a start waits for a server that may not be there, and how long one is asked what it is. */
const START = 1_000
const FIRST_WAIT = 50
const LONGEST_WAIT = 2_000
/** After so many probes in vain the connection is made anew: the other end may be gone without a word, or serve no writes any more. */
const PATIENCE = 3

/** Begins to connect, and gives it a second: whoever is not there then is used as soon as it is. */
export async function openRedis(input: RedisInput): Promise<Redis> {
  const link = new Link(input)
  await Promise.race([link.first, sleep(START, undefined, { ref: false })])
  return link
}

class Link implements Redis {
  usable = false
  trouble = 'nothing was heard of it yet'
  replicas = 1
  server: Server | undefined
  readonly figures: Figures = { answered: 0, late: 0, failed: 0, spared: 0 }
  /** Resolves with the first answer. */
  readonly first: Promise<void>
  readonly #input: RedisInput
  #connection: Connection
  #began: () => void = () => {}
  #timer: NodeJS.Timeout | undefined
  #wait = FIRST_WAIT
  #probes = 0
  #closed = false

  constructor(input: RedisInput) {
    this.#input = input
    this.first = new Promise((resolve) => (this.#began = resolve))
    this.#connection = this.#open(toServer)
    this.#later()
  }

  key(tag: string, ...names: readonly string[]): string {
    // An id may hold anything, a brace too.
    return `${this.#input.prefix}{${encodeURIComponent(tag.toWellFormed())}}${names.map((name) => `:${name}`).join('')}`
  }

  run(call: ScriptCall, late?: (reply: unknown) => void): Promise<unknown> {
    if (!this.usable) return this.#spared()
    return this.#inTime(this.#evaluate(call), late)
  }

  command(command: Command): Promise<unknown> {
    if (!this.usable) return this.#spared()
    return this.#inTime(this.#connection.send(command))
  }

  async close(): Promise<void> {
    clearTimeout(this.#timer)
    const { instance = '' } = this.#input
    if (this.usable) await this.#inTime(this.#connection.send({ key: this.#fleet, words: ['ZREM', this.#fleet, instance] }))
    this.#closed = true
    this.usable = false
    clearTimeout(this.#timer)
    this.#connection.close()
  }

  get #fleet(): string {
    return `${this.#input.prefix}fleet`
  }

  #open(to: typeof toServer): Connection {
    return to({
      url: this.#input.url,
      ready: () => this.#later(0),
      trouble: (error) => (this.trouble = this.#words(error)),
    })
  }

  #spared(): Promise<undefined> {
    this.figures.spared++
    return Promise.resolve(undefined)
  }

  /** The answer, or undefined where it failed or was late; then the server is not asked before a probe was answered. */
  #inTime(answer: Promise<unknown>, late: (reply: unknown) => void = () => {}): Promise<unknown> {
    return new Promise((resolve) => {
      let over = false
      const end = (outcome: 'answered' | 'late' | 'failed', reply?: unknown): void => {
        clearTimeout(timer)
        over = true
        this.figures[outcome]++
        resolve(reply)
      }
      const lose = (outcome: 'late' | 'failed', why: string): void => {
        if (over) return
        this.#lost(why)
        end(outcome)
      }
      // A loop that was held up hears its clock before an answer that came in time: that has one more turn to be read.
      const tooLate = () => setImmediate(() => lose('late', `no answer within ${this.#input.deadline} ms`))
      const timer = setTimeout(tooLate, this.#input.deadline)
      answer.then(
        (reply) => (over ? late(reply) : end('answered', reply)),
        (error: unknown) => lose('failed', this.#words(error)),
      )
    })
  }

  /** A server that was started again, or has another node's place, may not know the script yet. */
  async #evaluate({ script, keys, args }: ScriptCall): Promise<unknown> {
    const rest = [String(keys.length), ...keys, ...args.map(String)]
    try {
      return await this.#connection.send({ key: keys[0], words: ['EVALSHA', script.sha, ...rest] })
    } catch (error) {
      if (!this.#words(error).startsWith('NOSCRIPT')) throw error
      return this.#connection.send({ key: keys[0], words: ['EVAL', script.text, ...rest] })
    }
  }

  #lost(why: string): void {
    this.trouble = why
    if (!this.usable) return
    this.usable = false
    this.#input.changed(false, why)
    this.#later()
  }

  #later(wait: number = this.#wait): void {
    clearTimeout(this.#timer)
    if (this.#closed) return
    this.#timer = setTimeout(() => void this.#probe(), wait).unref()
  }

  /** A beat: while it is usable one every few seconds, else more and more seldom until one is answered. */
  async #probe(): Promise<void> {
    const connection = this.#connection
    const args = [this.#input.instance ?? '', DEAD]
    const alive = (await this.#identified()) && (await this.#inTime(this.#evaluate({ script: beat, keys: [this.#fleet], args })))
    if (this.#closed || connection !== this.#connection) return
    if (typeof alive !== 'number') return this.#inVain()
    this.replicas = Math.max(1, alive)
    this.#probes = 0
    this.#wait = this.usable ? FIRST_WAIT : Math.min(LONGEST_WAIT, this.#wait * 2)
    if (!this.usable) {
      this.usable = true
      this.#input.changed(true)
    }
    this.#began()
    this.#later(BEAT)
  }

  #inVain(): void {
    this.#wait = Math.min(LONGEST_WAIT, this.#wait * 2)
    this.#probes++
    if (this.#probes % PATIENCE === 0) {
      this.#connection.close()
      this.server = undefined
      this.#connection = this.#open(toServer)
    }
    this.#later()
  }

  /** One of a cluster has a part of the keys only, so the others must be found. */
  async #identified(): Promise<boolean> {
    if (this.server) return true
    const asked = this.#connection
    const server = await Promise.race([this.#introduced(asked), sleep(START, undefined, { ref: false })])
    if (!server || this.#closed || asked !== this.#connection) return false
    this.server = server
    if (!server.cluster) return true
    asked.close()
    this.#connection = this.#open(toCluster)
    this.#later()
    return false
  }

  async #introduced(connection: Connection): Promise<Server | undefined> {
    try {
      return serverOf(String(await connection.send({ key: '', words: ['INFO'] })))
    } catch (error) {
      this.trouble = this.#words(error)
      return this.trouble.startsWith('NOPERM') ? UNKNOWN : undefined
    }
  }

  /** That there is no connection is no news to whoever knows why. */
  #words(error: unknown): string {
    if (error instanceof ClientOfflineError) return this.trouble
    return error instanceof Error ? error.message || error.name : String(error)
  }
}
