import { afterAll, beforeAll, expect, it } from 'vitest'
import { calls } from './calls.ts'
import { openWorld, type World } from './world.ts'

let world: World
beforeAll(async () => {
  world = await openWorld()
})
afterAll(() => world.close())

for (const { name, ask, expected } of calls) {
  it(name, async () => {
    expect(await ask(world)).toEqual(expected)
  })
}
