import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import type { Exchange, Upstream, UpstreamListener } from '../contract/upstream.ts'
import { GatewayError } from '../errors.ts'
import { Watch } from './deadlines.ts'
import { type Difference, differences } from './difference.ts'
import { type After, Playback, type Script } from './playback.ts'
import { decodeBody, type Question, questionOf, type Recording, recordedQuestion, recordingShape } from './recording.ts'

export interface ReplayInput {
  readonly dir: string
  readonly now: () => number
  readonly after: After
}

/** Answers from recordings alone. Several of one question are played in turn, the last of them for good. */
export function replaying({ dir, now, after }: ReplayInput): Upstream {
  const takes = readTakes(dir)
  const turns = Map.groupBy(takes, ({ question }) => JSON.stringify(question))
  const watch = new Watch(now)
  return {
    send(request, listener) {
      const question = questionOf(request)
      const left = turns.get(JSON.stringify(question)) ?? []
      const take = left.length > 1 ? left.shift() : left[0]
      if (take === undefined) return refused(noRecording(question, takes), listener)
      return new Playback(scriptOf(take.recording), { request, listener, watch, after })
    },
    close: async () => undefined,
  }
}

interface Take {
  readonly file: string
  readonly question: Question
  readonly recording: Recording
}

/** Files that are no recordings, and recordings that hold no request, answer nothing. */
function readTakes(dir: string): Take[] {
  const files = readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.json'))
    .map((entry) => relative(dir, join(entry.parentPath, entry.name)))
    .sort((a, b) => a.localeCompare(b, 'en', { numeric: true }))
  return files.flatMap((file) => {
    const { data: recording } = recordingShape.safeParse(JSON.parse(readFileSync(join(dir, file), 'utf8')))
    const question = recording === undefined ? undefined : recordedQuestion(recording)
    return recording === undefined || question === undefined ? [] : [{ file, question, recording }]
  })
}

function scriptOf({ stream, response }: Recording): Script {
  const body = decodeBody(response)
  // Where the socket once parted the bytes is not kept; frame by frame is how streams arrive.
  const frames = stream && response.encoding === undefined ? response.body.split(/(?<=\n\r?\n)/).map((frame) => Buffer.from(frame)) : [body]
  return { status: response.status, headers: response.headers, chunks: frames, ...(response.cut ? { end: 'cut' } : {}) }
}

function noRecording(question: Question, takes: readonly Take[]): GatewayError {
  const asked = `${question.method} ${question.path} to ${question.provider}`
  const nearest = nearestOf(question, takes)
  if (nearest === undefined) return new GatewayError('no_recording', `No recording answers ${asked}: the folder holds none.`)
  const { file, first } = nearest
  const apart = `it differs at ${first.at}: ${shown(first.asked)} was asked, ${shown(first.recorded)} is recorded`
  const message = `No recording answers ${asked}. The nearest of ${takes.length} is ${file}; ${apart}. Record this request with serve --record, or ask what was recorded.`
  return new GatewayError('no_recording', message, { metadata: { nearest: file, difference: first.at } })
}

/** A wrong provider outweighs any path, a wrong path any body. */
const WEIGHTS: Readonly<Record<string, number>> = { provider: 1_000_000, path: 10_000, method: 10_000 }

function nearestOf(question: Question, takes: readonly Take[]): { file: string; first: Difference } | undefined {
  const wanted = opened(question)
  let best: { file: string; first: Difference; distance: number } | undefined
  for (const take of takes) {
    const apart = differences(wanted, opened(take.question))
    const distance = apart.reduce((sum, { at }) => sum + (WEIGHTS[at] ?? 1), 0)
    const [first] = apart
    if (first !== undefined && distance < (best?.distance ?? Number.POSITIVE_INFINITY)) best = { file: take.file, first, distance }
  }
  return best
}

function opened({ body, ...rest }: Question): object {
  try {
    return { ...rest, body: JSON.parse(body) as unknown }
  } catch {
    return { ...rest, body }
  }
}

function shown(value: unknown): string {
  const text = value === undefined ? 'nothing' : JSON.stringify(value)
  return text.length > 60 ? `${text.slice(0, 60)}…` : text
}

/** An exchange that never was. */
function refused(error: GatewayError, listener: UpstreamListener): Exchange {
  let open = true
  queueMicrotask(() => {
    if (open) listener.onFail(error, false)
  })
  const nothing = (): void => undefined
  return {
    pause: nothing,
    resume: nothing,
    progressed: nothing,
    cancel: () => {
      open = false
    },
  }
}
