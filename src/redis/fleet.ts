import { NOW, script } from './script.ts'

/** Milliseconds. Three beats missed in a row, and a replica is taken for dead. */
export const BEAT = 5_000
export const DEAD = 15_000

/** Says that this replica is alive, and answers how many are. A server that takes this writes, so it can do all that is asked of it. */
export const beat = script(`${NOW}
if ARGV[1] ~= '' then redis.call('ZADD', KEYS[1], now, ARGV[1]) end
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - ARGV[2])
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return redis.call('ZCARD', KEYS[1])
`)
