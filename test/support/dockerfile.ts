import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'

export const root = resolve(import.meta.dirname, '../..')

/** What an image is made of and how it starts, as deploy/Dockerfile says. */
export interface Image {
  readonly bases: readonly string[]
  /** From the repository, in its last stage: source and target. */
  readonly copies: readonly (readonly [from: string, to: string])[]
  readonly env: Readonly<Record<string, string>>
  readonly user: string
  readonly healthcheck: readonly string[]
  /** The whole command, as an image without a shell needs it. */
  readonly command: readonly string[]
}

export function readImage(): Image {
  const lines = readFileSync(join(root, 'deploy/Dockerfile'), 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
  const last = lines.slice(lines.findLastIndex((line) => line.startsWith('FROM ')))
  const after = (word: string, all: readonly string[] = last): string[] =>
    all.filter((line) => line.startsWith(`${word} `)).map((line) => line.slice(word.length + 1))
  const list = (text = ''): string[] => JSON.parse(text.slice(text.indexOf('[')))
  return {
    bases: after('ARG', lines).map((line) => line.split('=')[1] ?? ''),
    copies: after('COPY').flatMap((line) => (line.startsWith('--') ? [] : copiesOf(line.split(' ')))),
    env: Object.fromEntries(after('ENV').flatMap((line) => line.split(' ').map((pair) => pair.split('=') as [string, string]))),
    user: after('USER')[0] ?? 'root',
    healthcheck: list(after('HEALTHCHECK')[0]),
    command: [...list(after('ENTRYPOINT')[0]), ...list(after('CMD')[0])],
  }
}

/** Several sources go into a folder; a folder's content goes into the target. */
function copiesOf(words: readonly string[]): [string, string][] {
  const to = words.at(-1) ?? ''
  return words.slice(0, -1).map((from) => [from, to.endsWith('/') || to === '.' ? join(to, from) : to])
}

/** Whether .dockerignore lets a path into the build: the last line that fits decides. */
export function isSent(path: string): boolean {
  const lines = readFileSync(join(root, '.dockerignore'), 'utf8').split('\n')
  const patterns = lines.filter((line) => line !== '' && !line.startsWith('#'))
  const fits = (pattern: string) => pattern === '*' || path === pattern || path.startsWith(`${pattern}/`)
  return !patterns.findLast((pattern) => fits(pattern.replace(/^!/, '')))?.match(/^[^!]/)
}
