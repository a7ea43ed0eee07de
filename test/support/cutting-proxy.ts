import { createConnection, createServer, type Socket } from 'node:net'

/** A way to PostgreSQL that breaks at the worst moment. */
export interface CuttingProxy {
  /** The given URL, by this way. */
  readonly url: string
  /** From now on, this many times: a COMMIT reaches the server and is done, and its answer never arrives. */
  cutAtCommit(times: number): void
  /** Connections are taken no more, and those that stand are cut, until it is called with false. */
  closeWay(closed: boolean): void
  /** Connections made from now on lead there; those that stand are cut. */
  leadTo(target: string): void
  /** By which the server knows the connections that stand. */
  ports(): readonly number[]
  stop(): Promise<void>
}

const COMMIT = Buffer.from('Q\0\0\0\x0bCOMMIT\0', 'latin1')

export async function cuttingProxy(target: string): Promise<CuttingProxy> {
  let { hostname, port } = new URL(target)
  const sockets = new Set<Socket>()
  let cuts = 0
  let closed = false

  const server = createServer((near) => {
    if (closed) return near.destroy()
    const far = createConnection({ host: hostname, port: Number(port || 5432) })
    let mute = false
    for (const socket of [near, far]) {
      sockets.add(socket)
      socket.on('error', () => {})
      socket.on('close', () => {
        sockets.delete(socket)
        near.destroy()
        far.destroy()
      })
    }
    near.on('data', (bytes: Buffer) => {
      if (cuts > 0 && bytes.includes(COMMIT)) {
        cuts--
        mute = true
      }
      far.write(bytes)
    })
    // The answer has come, so the commit is done: only the client never hears of it.
    far.on('data', (bytes) => (mute ? near.destroy() : near.write(bytes)))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const url = new URL(target)
  url.host = `127.0.0.1:${typeof address === 'object' ? address?.port : ''}`
  const cutAll = () => [...sockets].map((socket) => socket.destroy())
  return {
    url: url.href,
    cutAtCommit: (times) => void (cuts = times),
    closeWay(now) {
      closed = now
      if (now) cutAll()
    },
    leadTo(next) {
      ;({ hostname, port } = new URL(next))
      cutAll()
    },
    ports: () => [...sockets].flatMap(({ localPort }) => localPort ?? []),
    async stop() {
      cutAll()
      await new Promise((done) => server.close(done))
    },
  }
}
