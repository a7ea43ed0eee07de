import { createClient, createCluster, RESP_TYPES } from '@redis/client'

/** What is sent, word by word; the key says which node of a cluster is meant. */
export interface Command {
  readonly key: string
  readonly words: readonly (string | Buffer)[]
  /** The answer's strings as bytes. */
  readonly bytes?: boolean
}

/** A way to one server, or to all nodes of a cluster: where it breaks it is made again by itself, and nothing waits for it meanwhile. */
export interface Connection {
  /** Rejects with the server's words, or at once where the way is broken. */
  send(command: Command): Promise<unknown>
  close(): void
}

export interface ConnectionInput {
  /** `redis://` or `rediss://`, with its password. */
  readonly url: string
  /** Called each time that the way is there. */
  readonly ready: () => void
  readonly trouble: (error: unknown) => void
}

/** Milliseconds. */
const CONNECT_TIMEOUT = 2_000
const LONGEST_WAIT = 2_000
/** Commands without an answer; what comes beyond them is refused at once. */
const ROOM = 10_000
const MOST_REDIRECTIONS = 3
const BYTES = { typeMapping: { [RESP_TYPES.BLOB_STRING]: Buffer } }

export function toServer({ url, ready, trouble }: ConnectionInput): Connection {
  const client = createClient({ url, ...manners() })
  client.on('error', trouble)
  client.on('ready', ready)
  client.connect().catch(trouble)
  return {
    send: ({ words, bytes }) => client.sendCommand([...words], bytes ? BYTES : undefined),
    close: () => client.destroy(),
  }
}

/** Nodes are found by asking the one that the URL names; who may speak to it, and how, holds for all of them. */
export function toCluster({ url, ready, trouble }: ConnectionInput): Connection {
  const { username, password, protocol } = new URL(url)
  const { socket, ...rest } = manners()
  const who = { ...(username && { username: decodeURIComponent(username) }), ...(password && { password: decodeURIComponent(password) }) }
  const defaults = { ...rest, ...who, socket: protocol === 'rediss:' ? { ...socket, tls: true as const } : socket }
  const { commandOptions } = rest
  const cluster = createCluster({ rootNodes: [{ url }], defaults, commandOptions, maxCommandRedirections: MOST_REDIRECTIONS })
  for (const event of ['error', 'node-error']) cluster.on(event, trouble)
  cluster.connect().then(ready, trouble)
  return {
    send: ({ key, words, bytes }) => cluster.sendCommand(key, false, [...words], bytes ? BYTES : undefined),
    close: () => cluster.destroy(),
  }
}

const manners = () => ({
  disableOfflineQueue: true,
  commandsQueueMaxLength: ROOM,
  maintNotifications: 'disabled' as const,
  // The deadline is ours: the library's makes a signal for each command.
  commandOptions: { timeout: 0 },
  socket: { connectTimeout: CONNECT_TIMEOUT, reconnectStrategy: waitBefore },
})

/** Longer each time, and not alike for all who lost the same server. */
const waitBefore = (retries: number): number => Math.min(LONGEST_WAIT, 50 * 2 ** retries) * (0.75 + Math.random() / 2)
