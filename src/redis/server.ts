/** What a server says of itself. */
export interface Server {
  /** E.g. `Valkey 8.1.4`. */
  readonly name: string
  /** One of several, each with a part of the keys. */
  readonly cluster: boolean
  /** What it drops when its memory is full, e.g. `allkeys-lru`; undefined: nothing, or its memory has no limit. */
  readonly evicts: string | undefined
}

/** Where nothing is known: a user who may not ask, for instance. */
export const UNKNOWN: Server = { name: 'Redis', cluster: false, evicts: undefined }

/** Reads the answer to `INFO`. Valkey tells the version of Redis that it is like, and its own beside it. */
export function serverOf(info: string): Server {
  const said = (name: string): string | undefined => new RegExp(`^${name}:(.*?)\\r?$`, 'm').exec(info)?.[1]
  const valkey = said('valkey_version')
  const policy = said('maxmemory_policy')
  return {
    name: valkey === undefined ? `Redis ${said('redis_version') ?? ''}`.trim() : `Valkey ${valkey}`,
    cluster: said('redis_mode') === 'cluster',
    evicts: policy === 'noeviction' || said('maxmemory') === '0' ? undefined : policy,
  }
}
