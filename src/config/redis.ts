import { z } from 'zod'
import type { Secret } from '../contract/secret.ts'
import { camelKeys } from './camel.ts'
import { problem } from './check.ts'
import type { ConfigProblem } from './problems.ts'
import { duration } from './quantities.ts'
import type { Source } from './yaml.ts'

export interface RedisSettings {
  /** Before every key, so that several installations may share a server. */
  readonly prefix: string
  /** Milliseconds that anybody waits for an answer. */
  readonly deadline: number
}

export const REDIS: RedisSettings = { prefix: 'tollgate:', deadline: 20 }

const REDIS_URL = 'Give the address of a Valkey or Redis server, such as redis://user:password@host:6379/0, or rediss:// for TLS.'

const isRedisUrl = (text: string): boolean => /^rediss?:$/.test(URL.parse(text)?.protocol ?? '')

export const redisUrl = z.string().refine(isRedisUrl, { error: REDIS_URL })

/** `redis:` of `gateway.yaml`. */
export const redis = z
  .strictObject({
    prefix: z.string().regex(/^[^\s{}]*$/, 'Give a prefix without spaces and braces, such as "tollgate:".'),
    deadline: duration.refine((ms) => ms >= 1, { error: 'Give at least 1ms.' }),
  })
  .partial()
  .transform(camelKeys)

/** The environment and the file itself are checked as they are read; what a path leads to is not. */
export function oddRedisUrl(file: Source, url: Secret | undefined): ConfigProblem[] {
  return url && !isRedisUrl(url.reveal()) ? [problem(file, ['redis_url_file'], REDIS_URL)] : []
}
