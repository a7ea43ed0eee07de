import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { type Document, isMap, isSeq, LineCounter, type Node, parseDocument } from 'yaml'
import type { ConfigProblem } from './problems.ts'

export type Path = readonly PropertyKey[]

/** Where configuration is written: a value, and the line where each part of it stands. */
export interface Source {
  readonly name: string
  readonly value: unknown
  /** Where the key or item at `path` is written; for one that is absent, what it is missing from; 0 where there are no lines. */
  lineOf(path: Path): number
}

export interface YamlFile extends Source {
  /** A file that is not there says nothing, as an empty one does. */
  readonly exists: boolean
  readonly problems: readonly ConfigProblem[]
}

export function readYaml(path: string): YamlFile {
  const name = basename(path)
  try {
    return parseYaml(name, readFileSync(path, 'utf8'))
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown reason'
    const empty = { ...parseYaml(name, ''), exists: false }
    if (code === 'ENOENT') return empty
    const message = `${path} cannot be read (${code}): make it a file that this user can read.`
    return { ...empty, problems: [{ file: name, line: 0, path: '', message }] }
  }
}

export function parseYaml(name: string, text: string): YamlFile {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, customTags: (tags) => tags.filter(isNotFloat), prettyErrors: false })
  const problems = document.errors.map(({ message, pos }) => ({
    file: name,
    line: lines.linePos(pos[0]).line,
    path: '',
    message: `${message}.`,
  }))
  const lineOf = (path: Path): number => lines.linePos(offsetOf(document, path)).line
  if (problems.length > 0) return { name, exists: true, value: undefined, problems, lineOf }
  // A file of comments only says nothing, which is not wrong.
  return { name, exists: true, value: document.toJS() ?? {}, problems, lineOf }
}

/** Decimals stay text, so that an amount of money becomes an integer without passing through a float. */
function isNotFloat(tag: string | { tag: string }): boolean {
  return typeof tag === 'string' || tag.tag !== 'tag:yaml.org,2002:float'
}

function offsetOf(document: Document, path: Path): number {
  let node: unknown = document.contents
  let offset = 0
  for (const step of path) {
    const pair = isMap(node) ? node.items.find(({ key }) => String(key) === String(step)) : undefined
    const next = pair?.value ?? (isSeq(node) ? node.items[Number(step)] : undefined)
    const start = (pair?.key as Node | undefined)?.range?.[0] ?? (next as Node | undefined)?.range?.[0]
    if (start === undefined) break
    offset = start
    node = next
  }
  return offset
}
