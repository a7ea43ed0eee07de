import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'

// Holds the picture of the house: who may import whom, where the outside world is touched, and how large a room may be.

const root = resolve(import.meta.dirname, '..')
const files = ['src', 'providers']
  .filter((folder) => existsSync(join(root, folder)))
  .flatMap((folder) => walk(join(root, folder)))
  .filter((file) => file.endsWith('.ts'))
const sources = new Map(files.map((file) => [relative(root, file), readFileSync(file, 'utf8')]))

const LEAVES = ['dialects', 'policy', 'catalog', 'ledger', 'upstream', 'store', 'redis', 'telemetry']
const PAGE = [
  'lane',
  'meter',
  'failover',
  'decide',
  'explain',
  'again',
  'attempt',
  'peek',
  'turn',
  'run',
  'stream',
  'whole',
  'request',
  'failure',
  'headers',
  'secrets',
  'error-view',
]

/** What each room may import besides itself. */
const ALLOWED: Record<string, readonly string[]> = {
  contract: ['errors'],
  errors: [],
  wire: ['contract', 'errors'],
  config: ['contract', 'errors'],
  ...Object.fromEntries(LEAVES.map((room) => [room, ['contract', 'errors', 'wire']])),
  providers: ['contract', 'dialects', 'wire'],
  ...Object.fromEntries(PAGE.map((room) => [room, ['contract', 'errors', 'wire', ...PAGE]])),
  answer: ['contract', 'errors', 'wire', ...PAGE],
  probe: ['contract', 'errors', 'wire', ...PAGE],
  desk: ['contract', 'errors', 'wire', 'policy', 'probe', ...PAGE],
  http: ['desk', 'contract', 'errors', 'wire', 'answer', ...PAGE],
  cli: ['desk', 'contract', 'errors', 'wire', 'answer', ...PAGE],
}

/** Packages and built-ins that belong to one room. */
const OWNED: Record<string, readonly string[]> = {
  hono: ['http', 'main'],
  '@hono/node-server': ['http', 'main'],
  undici: ['upstream'],
  'node:net': ['upstream'],
  'node:tls': ['upstream'],
  'node:dns': ['upstream'],
  'better-sqlite3': ['store'],
  pg: ['store'],
  '@redis/client': ['redis'],
  commander: ['cli'],
  yaml: ['config'],
  'node:child_process': [],
}

describe('the house', () => {
  it('lets a room import only what its rule allows', () => {
    const wrong = imports().filter(({ from, to }) => to !== undefined && from !== to && !(ALLOWED[from] ?? [to]).includes(to))
    expect(wrong.map(({ file, target }) => `${file} imports ${target}`)).toEqual([])
  })

  it('gives every room a rule', () => {
    const rooms = new Set([...sources.keys()].map(roomOf))
    rooms.delete('main')
    expect([...rooms].filter((room) => !(room in ALLOWED))).toEqual([])
  })

  it('has no circle between files', () => {
    expect(circles()).toEqual([])
  })

  it('keeps the outside world in its rooms', () => {
    const wrong = imports().filter(({ from, specifier }) => {
      const owner = OWNED[specifier.replace(/^(@[^/]+\/[^/]+|[^/@][^/]*)\/.*$/, '$1')] ?? OWNED[specifier]
      return owner !== undefined && !owner.includes(from)
    })
    expect(wrong.map(({ file, specifier }) => `${file} imports ${specifier}`)).toEqual([])
  })

  it('reads the environment only in config', () => {
    expect([...sources].filter(([file, text]) => roomOf(file) !== 'config' && /\bprocess\.env\b/.test(text)).map(([file]) => file)).toEqual(
      [],
    )
  })

  it('lets only the roll-call and main import a provider', () => {
    const wrong = imports().filter(
      ({ from, to, file, target }) => to === 'providers' && !LISTS.includes(file) && from !== 'main' && !isOwn(file, target),
    )
    expect(wrong.map(({ file, target }) => `${file} imports ${target}`)).toEqual([])
  })

  it('names no provider in an engine file', () => {
    const ids = [...sources.keys()]
      // Former ids are common words by now: `gemini` also names a format.
      .filter((file) => file.startsWith('providers/') && file !== 'providers/retired.ts')
      .flatMap((file) => [...(sources.get(file) ?? '').matchAll(/\bid: '([^']+)'/g)].map((match) => match[1] ?? ''))
    const engine = [...sources].filter(([file]) => !file.startsWith('providers/') && !file.startsWith('src/cli/help'))
    const named = engine.flatMap(([file, text]) =>
      ids.filter((id) => id !== 'demo' && stripComments(text).includes(`'${id}'`)).map((id) => `${file} names ${id}`),
    )
    expect(named).toEqual([])
  })

  it('names no host of a provider in an engine file', () => {
    const shipped = [...sources].filter(([file]) => file.startsWith('providers/'))
    const hosts = new Set(
      shipped.flatMap(([, text]) => [...stripComments(text).matchAll(/https?:\/\/([^/'`:$]+)/g)].map(([, host]) => host ?? '')),
    )
    const engine = [...sources].filter(([file]) => !file.startsWith('providers/'))
    const named = engine.flatMap(([file, text]) =>
      [...hosts].filter((host) => stripComments(text).includes(host)).map((host) => `${file} names ${host}`),
    )
    expect(hosts.size).toBeGreaterThan(50)
    expect(named).toEqual([])
  })

  it('keeps functions within 40 lines and three parameters: the lint measures, and nobody is excused from the lines', () => {
    const { linter, overrides } = JSON.parse(readFileSync(join(root, 'biome.json'), 'utf8'))
    expect(linter.rules.complexity).toMatchObject({
      noExcessiveLinesPerFunction: { level: 'error', options: { maxLines: 40 } },
      useMaxParams: { level: 'error', options: { max: 3 } },
    })
    const elsewhere = overrides
      .flatMap(({ includes }: { includes: string[] }) => includes)
      .filter((glob: string) => /^(src|providers|\*)/.test(glob))
    const excused = [...sources].filter(([, text]) => text.includes('biome-ignore lint/complexity/noExcessiveLinesPerFunction'))
    expect([elsewhere, excused.map(([file]) => file)]).toEqual([[], []])
  })

  it('keeps files within 250 lines', () => {
    const long = [...sources].map(([file, text]) => [file, text.split('\n').length - 1] as const).filter(([, lines]) => lines > 250)
    expect(long).toEqual([])
  })
})

const LISTS = ['providers/index.ts', 'providers/roll-call.ts']

interface Import {
  file: string
  from: string
  to: string | undefined
  specifier: string
  target: string
}

function imports(): Import[] {
  return [...sources].flatMap(([file, text]) =>
    [...text.matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)].map((match) => {
      const specifier = match[1] ?? ''
      const target = specifier.startsWith('.') ? relative(root, resolve(root, file, '..', specifier)) : specifier
      return { file, from: roomOf(file), to: specifier.startsWith('.') ? roomOf(target) : undefined, specifier, target }
    }),
  )
}

function roomOf(file: string): string {
  const [top = '', second = ''] = file.split('/')
  return top === 'src' ? second.replace(/\.ts$/, '') : top
}

/** `cohere` of its own file and of the folder with the dialects that only it speaks. */
/** A provider's own folder; `vertex/` holds what `vertex.ts` and `vertex-anthropic.ts` share. */
function isOwn(file: string, target: string): boolean {
  const [provider = '', folder = ''] = [file, target].map((path) => /^providers\/([^/.]+)/.exec(path)?.[1])
  return provider === folder || (provider.startsWith(`${folder}-`) && target.startsWith(`providers/${folder}/`))
}

function circles(): string[][] {
  const graph = new Map<string, string[]>()
  for (const { file, target } of imports())
    graph.set(
      file,
      [...(graph.get(file) ?? []), target].filter((name) => sources.has(name)),
    )
  const done = new Set<string>()
  const found: string[][] = []
  const visit = (file: string, path: string[]): void => {
    if (path.includes(file)) found.push([...path.slice(path.indexOf(file)), file])
    if (done.has(file) || path.includes(file)) return
    for (const next of graph.get(file) ?? []) visit(next, [...path, file])
    done.add(file)
  }
  for (const file of graph.keys()) visit(file, [])
  return found
}

function stripComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '')
}

function walk(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory() ? walk(join(folder, entry.name)) : [join(folder, entry.name)],
  )
}
