import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { startFakeProvider } from '../support/fake-provider.ts'
import { startGateway } from '../support/gateway.ts'
import { titleWriter } from '../support/tiny-app.ts'

const chunk = (delta: object, finish: string | null = null): string =>
  `data: ${JSON.stringify({ id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1, model: 'gpt-5-mini', choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`

describe("an app's own tests", () => {
  const dir = mkdtempSync(join(tmpdir(), 'tollgate-recordings-'))
  const PLATFORM_KEY = 'sk-platform-key-of-the-recording-run'
  afterAll(() => rmSync(dir, { recursive: true, force: true }))

  it('are recorded once against the provider, without its key', async () => {
    const body = [chunk({ role: 'assistant', content: 'Rain ' }), chunk({ content: 'Expected' }), chunk({}, 'stop'), 'data: [DONE]\n\n']
    const provider = await startFakeProvider({ status: 200, headers: { 'content-type': 'text/event-stream' }, chunks: body })
    const gateway = await startGateway({
      record: dir,
      providers: { openai: `${provider.origin}/v1` },
      env: { OPENAI_API_KEY: PLATFORM_KEY },
    })
    const { key } = await gateway.tenant('app', 'team')
    expect(await titleWriter({ baseURL: `${gateway.url}/v1`, apiKey: key })('The sky is grey.')).toBe('Rain Expected')
    await gateway.stop()
    await provider.close()

    const files = readdirSync(dir)
    expect(files.length).toBe(1)
    expect(readFileSync(join(dir, files[0] ?? ''), 'utf8')).not.toContain(PLATFORM_KEY)
  })

  it('are replayed with no provider there, and a question never recorded names the nearest', async () => {
    const gateway = await startGateway({ replay: dir, env: { OPENAI_API_KEY: 'any key will do' } })
    const { key } = await gateway.tenant('app', 'team')
    const title = titleWriter({ baseURL: `${gateway.url}/v1`, apiKey: key })
    expect(await title('The sky is grey.')).toBe('Rain Expected')
    await expect(title('The sky is blue.')).rejects.toMatchObject({ status: 502, code: 'no_recording' })
    await gateway.stop()
  })
})
