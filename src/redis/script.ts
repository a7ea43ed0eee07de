import { createHash } from 'node:crypto'

/** A program of the server's own language, which runs there in one piece. */
export interface Script {
  readonly text: string
  /** By which the server knows it, once it has seen it. */
  readonly sha: string
}

export const script = (text: string): Script => ({ text, sha: createHash('sha1').update(text).digest('hex') })

/** The server's clock in milliseconds as `now`: that of each replica may be another. */
export const NOW = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
`
