import type { Command } from './connection.ts'
import type { Script } from './script.ts'
import type { Server } from './server.ts'

/** A program to run, with the keys it touches: all of one hash tag, so that one node of a cluster has them. */
export interface ScriptCall {
  readonly script: Script
  readonly keys: readonly [string, ...string[]]
  readonly args: readonly (string | number)[]
}

/**
 * A server that replicas share, and that nobody depends on: whoever asks hears within the deadline, or hears that it cannot be told. Once
 * it was late it is not asked again before it has answered a probe, so a slow or dead one costs one wait now and then.
 */
export interface Redis {
  /** It answered last. */
  readonly usable: boolean
  /** Why it does not; of one that does, the last trouble there was. */
  readonly trouble: string
  /** Replicas seen alive when it was last heard of, one at least. */
  readonly replicas: number
  /** Undefined until it was heard of. */
  readonly server: Server | undefined
  /** What was asked of it since the start. */
  readonly figures: Readonly<Figures>
  /** Whose data it is goes first, into the hash tag: one tenant's keys lie on one node. */
  key(tag: string, ...names: readonly string[]): string
  /** Undefined: it did not say in time. `late` hears what it says afterwards. */
  run(call: ScriptCall, late?: (reply: unknown) => void): Promise<unknown>
  command(command: Command): Promise<unknown>
  close(): Promise<void>
}

export interface Figures {
  answered: number
  /** Answers that came after the deadline, or not yet. */
  late: number
  failed: number
  /** Not asked, since it would not have answered. */
  spared: number
}

export interface RedisInput {
  /** `redis://` or `rediss://`, with its password. */
  readonly url: string
  /** Before every key. */
  readonly prefix: string
  /** Milliseconds. */
  readonly deadline: number
  /** This replica; undefined: one who only looks. */
  readonly instance: string | undefined
  /** Hears once that it does not answer and why, and once that it does again. */
  readonly changed: (usable: boolean, why?: string) => void
}
