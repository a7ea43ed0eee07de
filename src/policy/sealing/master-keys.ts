import { Secret } from '../../contract/secret.ts'
import { GatewayError } from '../../errors.ts'
import type { SealingKey } from './envelope.ts'
import { keyBytes } from './key-bytes.ts'

/** The master keys: the current one seals, all of them open. */
export interface MasterKeys {
  readonly current: SealingKey
  readonly byId: ReadonlyMap<string, SealingKey>
}

/** Reads `k2:<base64 of 32 bytes>,k1:…`, the current one first. Throws `unsafe_secret` in words that never hold a key. */
export function parseMasterKeys(written: Secret): MasterKeys {
  const [first = '', ...others] = written.reveal().split(',')
  const current = parseEntry(first, `Master key 1 of ${others.length + 1}`)
  const keys = [current]
  for (const entry of others) {
    const key = parseEntry(entry, `Master key ${keys.length + 1} of ${others.length + 1}`)
    refuseTwin(key, keys)
    keys.push(key)
  }
  return { current, byId: new Map(keys.map((key) => [key.id, key])) }
}

/** A new key as `TOLLGATE_MASTER_KEYS` takes it. */
export function newMasterKey(random: (bytes: number) => Buffer, id = 'k1'): Secret {
  return new Secret(`${id}:${random(32).toString('base64')}`)
}

const HOW = 'Write them as k1:<base64 of 32 random bytes>, the current one first, e.g. from: openssl rand -base64 32'

function parseEntry(entry: string, place: string): SealingKey {
  const [id = '', text, ...rest] = entry.trim().split(':')
  // A text this short is no key that got into the wrong place, so it may be repeated in words.
  if (!/^[A-Za-z0-9_-]{1,16}$/.test(id) || text === undefined || rest.length > 0) throw unsafe(`${place} is not of the form id:key`)
  const key = keyBytes(text)
  if ('trouble' in key) throw unsafe(`${place}, ${id}, ${key.trouble}`)
  return { id, bytes: key.bytes }
}

function refuseTwin(key: SealingKey, earlier: readonly SealingKey[]): void {
  if (earlier.some(({ id }) => id === key.id)) throw unsafe(`Two master keys are called ${key.id}: each needs a name of its own`)
  const twin = earlier.find(({ bytes }) => bytes.equals(key.bytes))
  if (twin) throw unsafe(`Master keys ${twin.id} and ${key.id} are one and the same key`)
}

const unsafe = (trouble: string): GatewayError => new GatewayError('unsafe_secret', `${trouble}. ${HOW}`)
