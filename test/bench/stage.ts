// Everybody in the bench, each in a process of its own, and how one round is measured.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Child, start, told } from './child.ts'
import { makeHome, serve } from './gateway.ts'
import type { Done, Hold, Job } from './load.ts'
import { portkeyHeaders, startPortkey } from './portkey.ts'

/** Whoever stands between the apps and the provider. */
export interface Target extends Child {
  readonly origin: string
  readonly headers: Readonly<Record<string, string>>
}

/** What one round cost its target, in microseconds of CPU a request, and what the apps saw. */
export interface Sample extends Done {
  readonly cpu: number
}

export interface Stage {
  readonly bare: Target
  readonly ours: Target
  /** Undefined where it could not be installed. */
  readonly portkey: Target | undefined
  /** Holds all data. */
  readonly folder: string
  /** A gateway of ours that has served nothing yet, on the same data. */
  another(): Promise<Target>
  /** Milliseconds to ready of a gateway of ours on an empty data folder. */
  startFresh(): Promise<number>
  load(target: Target, job: Pick<Job, 'body' | 'requests'> & Partial<Pick<Job, 'path' | 'connections'>>): Promise<Sample>
  /** Opens streams and keeps them as long as the stage stands. */
  hold(target: Target, streams: Pick<Hold, 'body' | 'connections' | 'slow'>): Promise<void>
  close(): Promise<void>
}

const PATH = '/v1/chat/completions'
const CONNECTIONS = 32

/** `flags` are for the Node that our gateway runs on, e.g. to profile it. */
export async function setStage(flags: readonly string[]): Promise<Stage> {
  const folder = mkdtempSync(join(tmpdir(), 'tollgate-bench-'))
  const cast = new Cast()
  const provider = (await cast.member('provider.ts')).origin
  const apps = cast.add(start({ script: join(import.meta.dirname, 'load.ts') }))
  await told(apps.process, 'ready')
  const { env, key } = await makeHome(join(folder, 'home'), provider)
  const portkey = await startPortkey()
  const ours = async (given: readonly string[]): Promise<Target> =>
    cast.add(targetOf(await serve(env, given), { authorization: `Bearer ${key}` }))
  let starts = 0
  return {
    folder,
    bare: targetOf(await cast.member('bare.ts', provider), { authorization: 'Bearer sk-bench' }),
    portkey: portkey && cast.add(targetOf(portkey, portkeyHeaders(provider))),
    ours: await ours(flags),
    another: () => ours([]),
    async startFresh() {
      const served = await serve({ ...env, TOLLGATE_DATA: join(folder, `fresh-${starts++}`) })
      await served.stop()
      return served.ready
    },
    async load(target, job) {
      const { origin, headers } = target
      const before = await target.account()
      apps.process.send({ job: { origin, path: PATH, headers, connections: CONNECTIONS, ...job } satisfies Job })
      const { done } = await told<{ done: Done }>(apps.process, 'done')
      return { ...done, cpu: ((await target.account()).cpu - before.cpu) / job.requests }
    },
    async hold({ origin, headers }, streams) {
      apps.process.send({ hold: { origin, path: PATH, headers, ...streams } satisfies Hold })
      await told(apps.process, 'held')
    },
    async close() {
      await cast.dismiss()
      rmSync(folder, { recursive: true })
    },
  }
}

const targetOf = <Member extends Child & { origin: string }>(member: Member, headers: Readonly<Record<string, string>>): Target => ({
  ...member,
  headers: { 'content-type': 'application/json', ...headers },
})

/** All processes that were started, to be stopped together. */
class Cast {
  readonly #children: Child[] = []

  add<Member extends Child>(child: Member): Member {
    this.#children.push(child)
    return child
  }

  /** One of our own that tells its port. */
  async member(script: string, ...args: string[]): Promise<Child & { origin: string }> {
    const child = this.add(start({ script: join(import.meta.dirname, script), args }))
    const { port } = await told<{ port: number }>(child.process, 'port')
    return { ...child, origin: `http://127.0.0.1:${port}` }
  }

  async dismiss(): Promise<void> {
    await Promise.all(this.#children.map((child) => child.stop()))
  }
}
