import type { z } from 'zod'
import { didYouMean } from './closest.ts'
import type { ConfigProblem } from './problems.ts'
import type { Path, Source } from './yaml.ts'

type Issue = z.core.$ZodIssue

/** A value that is right, or what is wrong with it. */
export type Checked<T> =
  | { readonly value: T; readonly problems: readonly [] }
  | { readonly value: undefined; readonly problems: readonly ConfigProblem[] }

/** The value, unless something is wrong. */
export function checked<T>(value: T, problems: readonly ConfigProblem[]): Checked<T> {
  return problems.length === 0 ? { value, problems: [] } : { value: undefined, problems }
}

/** A part of what is written held against its schema; each thing wrong is placed at its own line. */
export function check<T>(schema: z.ZodType<T>, source: Source, at: Path = []): Checked<T> {
  const result = schema.safeParse(valueAt(source.value, at), { error: describe })
  if (result.success) return { value: result.data, problems: [] }
  const problems = result.error.issues
    .flatMap((issue) => complaints(issue))
    .map(({ path, message }) => problem(source, [...at, ...path], message))
  return { value: undefined, problems: problems.sort((a, b) => a.line - b.line) }
}

export function problem(source: Source, path: Path, message: string): ConfigProblem {
  return { file: source.name, line: source.lineOf(path), path: dotted(path), message }
}

/** Sentences alone, for what comes as JSON and has no lines. */
export function sentences(error: z.ZodError): string[] {
  return error.issues
    .flatMap((issue) => complaints(issue))
    .map(({ path, message }) => (path.length === 0 ? message : `${dotted(path)}: ${message}`))
}

/** The words of one issue; an unknown key's are made in `complaints`, from the known ones given here. */
export function describe(issue: z.core.$ZodRawIssue): string | undefined {
  if (issue.code === 'unrecognized_keys') return knownKeys(issue).join(',')
  if (issue.code === 'invalid_type') return wrongType(issue)
  if (issue.code === 'invalid_value') return wrongValue(issue.values.map(String), issue.input)
  if (issue.code === 'invalid_key') return issue.issues[0]?.message
  if (issue.code === 'too_small') return tooSmall(issue)
  if (issue.code === 'too_big') return `Give at most ${issue.maximum}.`
  return undefined
}

function tooSmall({ origin, minimum }: z.core.$ZodRawIssue<z.core.$ZodIssueTooSmall>): string {
  if (origin === 'string') return 'Give some text here.'
  return origin === 'array' ? `Give ${minimum} or more here.` : `Give at least ${minimum}.`
}

interface Complaint {
  readonly path: Path
  readonly message: string
}

function complaints(issue: Issue, above: Path = []): Complaint[] {
  const path = [...above, ...issue.path]
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => ({ path: [...path, key], message: unknownKey(key, issue.message.split(',')) }))
  if (issue.code === 'invalid_union') {
    const meant = issue.errors.find((branch) => branch.some(isInside))
    if (meant) return meant.flatMap((inner) => complaints(inner, path))
  }
  return [{ path, message: issue.message }]
}

/** Of a choice between shapes, the one the writer meant is the one whose outer shape fits. */
function isInside(issue: Issue): boolean {
  return issue.path.length > 0 || issue.code === 'unrecognized_keys' || issue.code === 'custom'
}

function unknownKey(key: string, known: readonly string[]): string {
  const meant = didYouMean(key, known)
  return meant === '' ? `"${key}" is no key here; known are ${known.join(', ')}.` : `"${key}" is no key here${meant}`
}

function knownKeys(issue: z.core.$ZodRawIssue): string[] {
  // Only object schemas raise this issue.
  return Object.keys((issue.inst as z.ZodObject | undefined)?.shape ?? {})
}

function wrongType(issue: z.core.$ZodRawIssue<z.core.$ZodIssueInvalidType>): string {
  const expected = TYPES[issue.expected] ?? issue.expected
  return issue.input === undefined ? `Give ${expected} here.` : `Give ${expected} here, not ${kindOf(issue.input)}.`
}

function wrongValue(values: readonly string[], input: unknown): string {
  const choice = values.length > 1 ? `one of ${values.join(', ')}` : values.join('')
  return typeof input === 'string'
    ? `"${input}" is not ${choice}${didYouMean(input, values) || '.'}`
    : `Give ${choice} here, not ${kindOf(input)}.`
}

const TYPES: Readonly<Record<string, string>> = {
  int: 'a whole number',
  number: 'a whole number',
  string: 'text',
  boolean: 'true or false',
  array: 'a list',
  object: 'a map of keys',
  record: 'a map of names',
}

/** What was written, by kind and never by value: it may be a secret in the wrong place. */
function kindOf(input: unknown): string {
  if (input === undefined || input === null) return 'nothing'
  if (Array.isArray(input)) return 'a list'
  if (typeof input === 'number') return Number.isInteger(input) ? 'a number' : 'a fraction'
  return { string: 'text', boolean: 'true or false', object: 'a map' }[String(typeof input)] ?? typeof input
}

export function valueAt(value: unknown, path: Path): unknown {
  let inner = value
  for (const step of path) inner = Object(inner)[step]
  return inner
}

function dotted(path: Path): string {
  return path
    .map((step) => (typeof step === 'number' ? `[${step}]` : `.${String(step)}`))
    .join('')
    .replace(/^\./, '')
}
