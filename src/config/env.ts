import { resolve } from 'node:path'
import { z } from 'zod'
import { address, duration, onOff, port } from './quantities.ts'
import { redisUrl } from './redis.ts'
import type { Source } from './yaml.ts'

export type Environment = Readonly<Record<string, string | undefined>>

/** The process's own. Nothing outside this folder reads it. */
export const environment: Environment = process.env

/** In place of the data folder, in SQLite's own word: what is kept is kept by this process alone, and goes with it. */
const MEMORY = ':memory:'

/** The two folders, absolute; they are told by environment only. */
export function foldersOf(env: Environment): { readonly config: string; readonly data: string | undefined } {
  const { TOLLGATE_CONFIG = 'config', TOLLGATE_DATA = 'data' } = withoutBlanks(env)
  return { config: resolve(TOLLGATE_CONFIG), data: TOLLGATE_DATA === MEMORY ? undefined : resolve(TOLLGATE_DATA) }
}

export function environmentSource(env: Environment): Source {
  return { name: 'environment', value: withoutBlanks(env), lineOf: () => 0 }
}

export const environmentSchema = z
  .object({
    TOLLGATE_HOST: z.string(),
    PORT: port,
    ADMIN_ADDR: address,
    DATABASE_URL: z.string(),
    REDIS_URL: redisUrl,
    TOLLGATE_MASTER_KEYS: z.string(),
    TOLLGATE_MASTER_KEYS_FILE: z.string(),
    TOLLGATE_ADMIN_KEY: z.string(),
    TOLLGATE_DEMO: onOff,
    DRAIN_DELAY: duration,
    DRAIN_TIMEOUT: duration,
  })
  .partial()

/** An empty or blank variable is none: that is how shells and compose files unset one. */
export function withoutBlanks(env: Environment): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(env).flatMap(([name, value]) => (value?.trim() ? [[name, value.trim()]] : [])))
}
