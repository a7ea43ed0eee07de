import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { type Child, freePort, start } from './child.ts'

const folder = join(import.meta.dirname, 'portkey')
const server = join(folder, 'node_modules/@portkey-ai/gateway/build/start-server.js')

/** Another gateway in the same language, which forwards and governs nothing. Installed on demand; undefined where that does not work. */
export async function startPortkey(): Promise<(Child & { origin: string }) | undefined> {
  if (!existsSync(server)) spawnSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], { cwd: folder, stdio: 'ignore' })
  if (!existsSync(server)) return undefined
  const port = await freePort()
  const child = start({ script: server, args: [`--port=${port}`, '--headless'], cwd: folder, env: { NODE_ENV: 'production' } })
  child.process.stdout?.resume()
  const origin = `http://127.0.0.1:${port}`
  await answers(origin)
  return { ...child, origin }
}

/** Its words for: this provider at that address, with this key. */
export function portkeyHeaders(provider: string): Record<string, string> {
  return { 'x-portkey-provider': 'openai', 'x-portkey-custom-host': `${provider}/v1`, authorization: 'Bearer sk-bench' }
}

async function answers(origin: string): Promise<void> {
  for (let tries = 0; tries < 100; tries++) {
    if (
      await fetch(origin).then(
        () => true,
        () => false,
      )
    )
      return
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  throw new Error('Portkey did not start within ten seconds.')
}
