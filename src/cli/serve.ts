import type { Verb } from './verb.ts'

export const serve: Verb = {
  use: 'serve',
  does: 'run the gateway until SIGTERM',
  options: [
    { flags: '--record <dir>', means: 'keep each exchange with a provider as one JSON file, without secrets' },
    { flags: '--replay <dir>', means: 'answer every provider call from such files, with no network' },
  ],
  examples: ['serve', 'serve --record exchanges', 'serve --replay exchanges'],
  local: true,
  async run({ serve, text }) {
    await serve({ record: text('record'), replay: text('replay') })
    return { json: null, text: '' }
  },
}
