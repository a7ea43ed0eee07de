import type { Copy } from '../contract/copy.ts'
import type { Client } from '../contract/gateway.ts'

/** Gives an answer again, piece by piece as it was given and as fast as the client takes it. */
export async function retell(client: Client, { status, headers, pieces }: Copy, more: Readonly<Record<string, string>>): Promise<void> {
  client.begin(status, { ...headers, ...more })
  const left = new Promise<void>((resolve) => client.onGone(resolve))
  for (const piece of pieces.slice(0, -1)) {
    if (client.gone) return
    if (!client.write(piece)) await Promise.race([left, new Promise<void>((resolve) => client.onDrain(resolve))])
  }
  client.end(pieces.at(-1))
}
