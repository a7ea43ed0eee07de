import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, chownSync, cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { freePort } from '../bench/child.ts'
import { until } from '../support/by-hand.ts'
import { isSent, readImage, root } from '../support/dockerfile.ts'

// The image, laid out in a folder as deploy/Dockerfile and .dockerignore say, and run there as somebody who may write its data alone.

const run = promisify(execFile)
const image = readImage()
/** Only root may become somebody else; anybody else is nobody already. */
const [uid, gid] = image.user.split(':').map(Number)
const nobody = process.getuid?.() === 0 ? { uid, gid } : {}

describe('deploy/Dockerfile', () => {
  it('names its bases exactly, runs as a number that is not root, and needs no shell', () => {
    for (const base of image.bases) expect(base).toMatch(/:(\d+\.\d+\.\d+[\w.-]*|nonroot)$/)
    expect(image.user).toMatch(/^[1-9]\d*:[1-9]\d*$/)
    for (const [program] of [image.healthcheck, image.command]) expect(program).toBe('/usr/local/bin/node')
  })

  it('is sent what it copies, and neither tests nor data nor secrets', () => {
    expect(image.copies.filter(([from]) => !isSent(from))).toEqual([])
    const kept = [
      'data/master.key',
      '.git/config',
      'deploy/secrets/admin-key',
      'test/house.test.ts',
      'node_modules/pg/package.json',
      '.env',
    ]
    expect(kept.filter(isSent)).toEqual([])
  })
})

describe('the image', () => {
  let folder: string
  let env: Record<string, string>
  let child: ChildProcess | undefined

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'tollgate-image-'))
    layOut(folder)
    const inFolder = (path: string) => (path.startsWith('/') ? join(folder, path) : path)
    env = {
      ...Object.fromEntries(Object.entries(image.env).map(([name, value]) => [name, inFolder(value)])),
      PORT: String(await freePort()),
      DRAIN_DELAY: '0s',
    }
  }, 60_000)
  afterAll(() => {
    child?.kill('SIGKILL')
    rmSync(folder, { recursive: true, force: true })
  })

  /** Where the image has it: a copy in somebody's home is nobody's to run. */
  const binary = () => join(folder, image.command[0] ?? '')
  const node = (words: readonly string[]) => run(binary(), words, { cwd: join(folder, 'app'), env, ...nobody })
  const healthy = () =>
    node(image.healthcheck.slice(1)).then(
      () => true as const,
      () => undefined,
    )

  it('starts with nothing but the dependencies of production, is healthy then and not before, and serves', {
    timeout: 40_000,
  }, async () => {
    expect(await healthy()).toBeUndefined()
    const before = listed(folder)
    child = spawn(binary(), image.command.slice(1), { cwd: join(folder, 'app'), env, stdio: 'pipe', ...nobody })
    let said = ''
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', (text) => (said += text))
    await until('a healthy gateway', healthy, 20_000).catch((error: unknown) => {
      throw new Error(`${error instanceof Error ? error.message : String(error)} It said: ${said}`)
    })
    const response = await fetch(`http://127.0.0.1:${env['PORT']}/v1/models`)
    expect(response.status, 'a listener on all addresses asks for a key and makes no demo').toBe(401)
    expect(listed(folder), 'it writes to its data folder alone').toEqual(before)
    expect(readdirSync(join(folder, 'data'))).toEqual(expect.arrayContaining(['tollgate.db', 'master.key', 'first-run.txt']))
  })

  it('runs an operator’s commands beside it', async () => {
    const { stdout } = await node([...image.command.slice(1, -1), 'config', 'check', '--json'])
    expect(JSON.parse(stdout).plans).toContain('enterprise')
  })

  it('ends with 0 when it is told to', async () => {
    const gone = once(child ?? expect.fail('it never started'), 'exit')
    child?.kill('SIGTERM')
    expect(await gone).toEqual([0, null])
  })
})

/** As the build does; of node_modules what `npm ci --omit=dev` would bring, from what is installed here. */
function layOut(folder: string): void {
  chmodSync(folder, 0o755)
  const app = join(folder, 'app')
  for (const [from, to] of image.copies) {
    const target = to.startsWith('/') ? join(folder, to) : join(app, to)
    cpSync(join(root, from), target, { recursive: true, filter: (path) => isSent(path.slice(root.length + 1)) })
  }
  const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'))
  const installed = new Set(readdirSync(join(root, 'node_modules')))
  for (const [path, { dev, devOptional }] of Object.entries<{ dev?: boolean; devOptional?: boolean }>(packages)) {
    const [, name = ''] = /^node_modules\/([^/]+)/.exec(path) ?? []
    if (dev || devOptional || !installed.has(name)) continue
    cpSync(join(root, path), join(app, path), { recursive: true })
  }
  cpSync(process.execPath, join(folder, image.command[0] ?? ''))
  const data = join(folder, 'data')
  mkdirSync(data)
  if (nobody.uid !== undefined && nobody.gid !== undefined) chownSync(data, nobody.uid, nobody.gid)
}

/** Every file, but for those of the data. */
const listed = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => !path.startsWith('data'))
    .sort()
