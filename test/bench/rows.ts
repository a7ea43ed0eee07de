// The figures: each is measured in interleaved rounds, and is a median of ratios within one run.

import { join } from 'node:path'
import Database from 'better-sqlite3'
import type { Sample, Stage, Target } from './stage.ts'
import { PIECES } from './streams.ts'
import { large, request } from './words.ts'

export interface Row {
  readonly what: string
  readonly unit: '×' | 'MB' | 'ms' | 'µs'
  /** `at least` where more is better. */
  readonly floor: number
  readonly goal: number
  readonly atLeast?: boolean
  /** Undefined where it could not be measured; the note says why. */
  readonly measured: number | undefined
  readonly note: string
}

/** How much is done for each figure. */
export interface Effort {
  readonly rounds: number
  /** Requests of one kilobyte in a round; other rounds take their share. */
  readonly requests: number
  readonly starts: number
  readonly streams: number
}

/** Many short rounds: what else this machine does then weighs the same on both sides of a ratio. */
export const FULL: Effort = { rounds: 40, requests: 1500, starts: 9, streams: 2000 }
export const QUICK: Effort = { rounds: 7, requests: 1000, starts: 3, streams: 1000 }

const BYTE_LANE = 'openai/gpt-5-mini'
const TRANSLATED = 'anthropic/claude-sonnet-4-5'

export async function governed(stage: Stage, { rounds, requests }: Effort): Promise<Row[]> {
  const { bare, ours, portkey } = stage
  const body = request(BYTE_LANE)
  const contest = [bare, ours, ...(portkey ? [portkey] : [])]
  const results = await interleave(rounds, contest, (target) =>
    stage.load(target, { body, requests: target === portkey ? requests / 4 : requests }),
  )
  const [ofBare = [], ofOurs = [], ofPortkey = []] = results
  const times = `p50 ${ms(median(ofOurs, 'p50'))}, p99 ${ms(median(ofOurs, 'p99'))} beside ${ms(median(ofBare, 'p50'))}, ${ms(median(ofBare, 'p99'))}`
  return [
    {
      what: 'CPU of a governed request, 1 kB',
      unit: '×',
      floor: 2,
      goal: 1.6,
      measured: ratio(ofOurs, ofBare),
      note: `${us(median(ofOurs, 'cpu'))} beside bare ${us(median(ofBare, 'cpu'))}; ${times}`,
    },
    {
      what: "the same beside Portkey's bare forward",
      unit: '×',
      floor: 6,
      goal: 9,
      atLeast: true,
      measured: portkey && ratio(ofPortkey, ofOurs),
      note: portkey ? `Portkey ${us(median(ofPortkey, 'cpu'))}` : 'Portkey could not be installed: npm ci in test/bench/portkey failed',
    },
  ]
}

export async function streamed(stage: Stage, { rounds }: Effort): Promise<Row[]> {
  const { bare, ours } = stage
  const some = 32
  const results = await interleave(rounds, ['bare', 'byte lane', 'translated'], (lane) => {
    const body = request(lane === 'translated' ? TRANSLATED : BYTE_LANE, { stream: true })
    return stage.load(lane === 'bare' ? bare : ours, { body, requests: some })
  })
  const [ofBare = [], ofBytes = [], ofTranslated = []] = results
  return [
    {
      what: `CPU of a ${PIECES}-event stream, byte lane`,
      unit: '×',
      floor: 1.25,
      goal: 1.1,
      measured: ratio(ofBytes, ofBare),
      note: `${us(median(ofBytes, 'cpu'))} beside bare ${us(median(ofBare, 'cpu'))}`,
    },
    {
      what: 'translated stream, Anthropic to chat, per event, beside the byte lane',
      unit: '×',
      floor: 2,
      goal: 1.5,
      measured: ratio(ofTranslated, ofBytes),
      note: `${us(median(ofTranslated, 'cpu') / PIECES)} beside ${us(median(ofBytes, 'cpu') / PIECES)} an event`,
    },
  ]
}

export async function megabytes(stage: Stage, { rounds, requests }: Effort): Promise<Row[]> {
  const { bare, ours } = stage
  const some = Math.ceil(requests / 20)
  const rows: Row[] = []
  for (const content of ['prose', 'image', 'code'] as const) {
    const body = large(BYTE_LANE, content)
    const [ofBare = [], ofOurs = []] = await interleave(rounds, [bare, ours], (target) => stage.load(target, { body, requests: some }))
    rows.push({
      what: `CPU of a request of 1 MB, ${{ prose: 'long text', image: 'base64', code: 'code full of escapes' }[content]}`,
      unit: '×',
      floor: content === 'code' ? 2.5 : 1.3,
      goal: content === 'code' ? 1.6 : 1.15,
      measured: ratio(ofOurs, ofBare),
      note: `${us(median(ofOurs, 'cpu'))} beside bare ${us(median(ofBare, 'cpu'))}`,
    })
  }
  return rows
}

/** What one app waits longer, when it asks one thing at a time, less what the disk takes for the two commits of an attempt. */
export async function latency(stage: Stage, { rounds, requests }: Effort): Promise<Row[]> {
  const body = request(BYTE_LANE)
  const some = Math.ceil(requests / 10)
  const disk = commits(join(stage.folder, 'commits.db'))
  const added: number[] = []
  const commit: number[] = []
  for (let round = 0; round < rounds; round++) {
    const { p50: bare } = await stage.load(stage.bare, { body, requests: some, connections: 1 })
    const { p50: ours } = await stage.load(stage.ours, { body, requests: some, connections: 1 })
    commit.push(disk.median())
    added.push(ours - bare)
  }
  disk.close()
  const whole = middle(added)
  const one = middle(commit)
  return [
    {
      what: "added latency, one request at a time, p50, without the disk's commits",
      unit: 'ms',
      floor: 0.3,
      goal: 0.15,
      measured: whole - 2 * one,
      note: `${ms(whole)} in all, of which two commits of ${ms(one)}`,
    },
  ]
}

export async function memory(stage: Stage, { streams }: Effort): Promise<Row[]> {
  const gateway = await stage.another()
  await stage.hold(gateway, { body: request('openai/hold', { stream: true }), connections: streams, slow: false })
  const open = await peak(gateway)
  const slow = streams / 2
  await stage.hold(gateway, { body: request('openai/flood', { stream: true }), connections: slow, slow: true })
  const more = (await peak(gateway)) - open
  gateway.process.kill('SIGKILL')
  return [
    { what: `memory with ${streams} open streams`, unit: 'MB', floor: 300, goal: 200, measured: open, note: 'the whole process' },
    {
      what: `${slow} slow readers more`,
      unit: 'MB',
      floor: 64,
      goal: 16,
      measured: more,
      note: 'their providers send as fast as they are read',
    },
  ]
}

export async function starts(stage: Stage, { starts: times }: Effort): Promise<Row[]> {
  const all: number[] = []
  for (let at = 0; at < times; at++) all.push(await stage.startFresh())
  const note = `of ${times}, the fastest ${Math.min(...all)} ms`
  return [{ what: 'start to ready, fresh data folder', unit: 'ms', floor: 600, goal: 300, measured: middle(all), note }]
}

/** Rounds before the first that counts: code is compiled as it is run. */
const WARM_UP = 3

/** Round by round, one contestant after the other. */
export async function interleave<Contestant>(
  rounds: number,
  contestants: readonly Contestant[],
  play: (contestant: Contestant) => Promise<Sample>,
): Promise<Sample[][]> {
  const samples: Sample[][] = contestants.map(() => [])
  for (let round = -WARM_UP; round < rounds; round++) {
    for (const [at, contestant] of contestants.entries()) {
      const sample = await play(contestant)
      if (round >= 0) samples[at]?.push(sample)
    }
  }
  return samples
}

/** The most memory seen in five seconds, in megabytes. */
async function peak(target: Target): Promise<number> {
  let most = 0
  for (let look = 0; look < 10; look++) {
    await new Promise((resolve) => setTimeout(resolve, 500))
    most = Math.max(most, (await target.account()).rss)
  }
  return most / 1024 / 1024
}

/** What a commit of one row takes on this disk with the settings of the books, in milliseconds. */
function commits(path: string): { median(): number; close(): void } {
  const db = new Database(path)
  db.pragma('journal_mode = WAL')
  db.pragma('synchronous = FULL')
  // As the books do: a row, and its place in two indexes.
  db.exec(
    'CREATE TABLE rows (id INTEGER PRIMARY KEY, text TEXT, tenant TEXT); CREATE UNIQUE INDEX once ON rows (text); CREATE INDEX tenants ON rows (tenant)',
  )
  const insert = db.prepare('INSERT INTO rows (text, tenant) VALUES (?, ?)')
  const commit = db.prepare('COMMIT')
  const timed = (): number => {
    db.exec('BEGIN IMMEDIATE')
    insert.run(`${performance.now()}${'x'.repeat(600)}`, 'tn_bench')
    const began = performance.now()
    commit.run()
    return performance.now() - began
  }
  return { median: () => middle(Array.from({ length: 50 }, timed)), close: () => db.close() }
}

/** The median of the rounds' own ratios: what disturbs a round disturbs both sides of it. */
export function ratio(of: readonly Sample[], to: readonly Sample[]): number {
  return middle(of.map(({ cpu }, round) => cpu / (to[round]?.cpu ?? Number.NaN)))
}

export const median = (samples: readonly Sample[], what: keyof Sample): number => middle(samples.map((sample) => sample[what]))

function middle(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b)
  const half = sorted.length / 2
  return ((sorted[Math.floor(half)] ?? Number.NaN) + (sorted[Math.ceil(half) - 1] ?? Number.NaN)) / 2
}

export const us = (value: number): string => `${value.toPrecision(3)} µs`
const ms = (value: number): string => `${value.toFixed(2)} ms`
