import { createHash } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Upstream, UpstreamHeaders, UpstreamListener, UpstreamRequest } from '../contract/upstream.ts'
import { encodeRecording, questionOf, type Recording } from './recording.ts'

export interface RecordInput {
  readonly dir: string
  /** An exchange that could not be kept: the caller has its answer, the operator should know. */
  readonly report: (error: unknown) => void
}

/** Keeps each exchange that brought an answer as one file; what is sent and what is heard stay as they are. */
export function recording(upstream: Upstream, { dir, report }: RecordInput): Upstream {
  mkdirSync(dir, { recursive: true })
  // One after the other, so that answers to one question are numbered as they came.
  let written = Promise.resolve()
  const turns = new Map<string, number>()
  const write = async (name: string, recorded: Recording): Promise<void> => {
    turns.set(name, await writeNew(join(dir, name), recorded, (turns.get(name) ?? 0) + 1))
  }
  const keep = (request: UpstreamRequest, recorded: Recording): void => {
    written = written.then(() => write(nameOf(request), recorded)).catch(report)
  }
  return {
    send: (request, listener) => upstream.send(request, overhearing(request, listener, keep)),
    async close() {
      await upstream.close()
      await written
    },
  }
}

/** An answer that was cancelled is not the provider's whole word, so only ends and breaks are kept. */
function overhearing(request: UpstreamRequest, listener: UpstreamListener, keep: (request: UpstreamRequest, recorded: Recording) => void) {
  const chunks: Buffer[] = []
  let head: { status: number; headers: UpstreamHeaders } | undefined
  const over = (cut: boolean): void => {
    if (head !== undefined) keep(request, encodeRecording(request, { ...head, body: Buffer.concat(chunks), cut }))
  }
  return {
    onHeaders(status, headers) {
      head = { status, headers }
      listener.onHeaders(status, headers)
    },
    onData(chunk) {
      chunks.push(chunk)
      listener.onData(chunk)
    },
    onEnd() {
      over(false)
      listener.onEnd()
    },
    onFail(error, sent) {
      over(true)
      listener.onFail(error, sent)
    },
  } satisfies UpstreamListener
}

/** The same question gets the same name, so that a folder of recordings changes only where the world did. */
function nameOf(request: UpstreamRequest): string {
  const question = JSON.stringify(questionOf(request))
  return `${request.provider.id}-${createHash('sha256').update(question).digest('hex').slice(0, 12)}`
}

/** A question asked again is kept beside the first; their numbers are the order in which they are played. Gives the number it took. */
async function writeNew(path: string, recorded: Recording, turn: number): Promise<number> {
  try {
    await writeFile(`${path}-${turn}.json`, `${JSON.stringify(recorded, undefined, 2)}\n`, { flag: 'wx', mode: 0o600 })
    return turn
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
    return writeNew(path, recorded, turn + 1)
  }
}
