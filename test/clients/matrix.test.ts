import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Conversation, FAMILIES, FEATURES, type Feature, PROMPT } from './client.ts'
import { clients } from './sdk/index.ts'
import { ARGUMENTS, FORBIDDEN, PUZZLE, REFUSAL, SIGNATURE, THOUGHT, TIDE, USAGE, WIND, WORDS } from './vendor/script.ts'
import { MODELS, openWorld, type World } from './world.ts'

// Every client, unchanged, against every family of models: what the app sees is the same in each.

let world: World
beforeAll(async () => {
  world = await openWorld()
})
afterAll(() => world.close())

const HOLDS: Readonly<Record<Feature, (client: Conversation, model: string) => Promise<void>>> = {
  async text(client, model) {
    expect(await client.text(model)).toEqual({ text: WORDS, ...USAGE })
  },
  async stream(client, model) {
    expect((await client.stream(model)).text).toBe(WORDS)
  },
  async 'streamed usage'(client, model) {
    expect(await client.stream(model)).toMatchObject(USAGE)
  },
  async tools(client, model) {
    const { heard, tool } = listener()
    expect(await client.tools(model, tool)).toContain(TIDE)
    expect(heard).toEqual([ARGUMENTS])
  },
  async 'streamed tools'(client, model) {
    const { heard, tool } = listener()
    expect(await client.streamedTools(model, tool)).toContain(TIDE)
    expect(heard).toEqual([ARGUMENTS])
  },
  async thoughts(client, model) {
    for (const stream of [false, true]) await thinks(client, model, stream)
  },
  async 'kept thoughts'(client, model) {
    for (const stream of [false, true]) {
      await thinks(client, model, stream)
      const { path, body } = world.vendors.journal.at(-1)!
      // Chat completions have nothing that marks a thought, and Cohere's marks are its words.
      const mark = path === '/cohere/chat' ? THOUGHT : SIGNATURE
      if (!path.endsWith('/chat/completions')) expect(body.toString(), 'the last request').toContain(mark)
    }
  },
  async 'structured output'(client, model) {
    expect(await client.structured(model)).toEqual(WIND)
  },
  async errors(client, model) {
    expect(await client.refused(model, FORBIDDEN)).toMatchObject({ status: 400, message: expect.stringContaining(REFUSAL) })
    expect(await client.refused('no-such-model', PROMPT)).toMatchObject({ status: 404, message: expect.stringContaining('no-such-model') })
  },
}

describe.each(clients)('$name', ({ vendor, gaps, connect }) => {
  for (const family of FAMILIES) {
    const called = family === 'own' ? vendor : family
    for (const feature of FEATURES) {
      const cell = `${family}: ${feature}` as const
      // A gap is proven, too: the day it closes, the page must say so.
      const holds = gaps?.[cell] === undefined ? it : it.fails
      holds(cell, async () => {
        world.vendors.journal.length = 0
        await HOLDS[feature](connect(world), MODELS[called])
        expect(new Set(world.vendors.journal.map(({ path }) => path.split('/')[1])), 'the vendors that were called').toEqual(
          new Set([called]),
        )
      })
    }
  }
})

async function thinks(client: Conversation, model: string, stream: boolean): Promise<void> {
  const { heard, tool } = listener()
  expect(await client.thoughts(model, { prompt: PUZZLE, tool, stream })).toContain(TIDE)
  expect(heard).toEqual([ARGUMENTS])
}

function listener(): { heard: unknown[]; tool: (args: unknown) => string } {
  const heard: unknown[] = []
  return {
    heard,
    tool: (args) => {
      heard.push(args)
      return TIDE
    },
  }
}
