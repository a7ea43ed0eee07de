import { z } from 'zod'
import { asking, to } from './api.ts'
import { incident, incidentText, REDIRECTING, spellOf } from './incidents.ts'
import { type Cell, type Paint, table } from './table.ts'
import { ask, type Noun, told } from './verb.ts'

export const models: Noun = {
  name: 'models',
  does: 'the catalogue',
  verbs: [
    {
      use: 'list',
      does: 'list what is offered, with tiers and prices in US dollars per million tokens',
      options: [
        { flags: '--provider <id>', means: "only this provider's" },
        { flags: '--q <text>', means: 'only those with this in their name' },
        { flags: '--limit <n>', means: 'at most so many; 100 where not given' },
        { flags: '--cursor <cursor>', means: 'go on where the page before ended' },
      ],
      examples: ['models list --provider minimax', 'models list --q claude'],
      run: async ({ api, text, paint }) => {
        const query = { provider: text('provider'), q: text('q'), limit: text('limit'), cursor: text('cursor') }
        return told(await ask(api, asking(to`GET /models`, query), modelPage), (page) => listed(page, paint))
      },
    },
    {
      use: 'redirect <model> <to>',
      does: 'give whoever asks for a model another one for a time, on all replicas',
      options: REDIRECTING,
      examples: ['models redirect gpt-5-mini claude-haiku-4-5 --for 24h --reason "outage at its vendor"'],
      run: async (call) => {
        const [model, target] = call.args
        return told(
          await ask(call.api, { ...to`POST /models/redirect`, body: { model, to: target, ...spellOf(call) } }, incident),
          incidentText,
        )
      },
    },
    {
      use: 'restore <model>',
      does: 'end a redirect before its time is over',
      examples: ['models restore gpt-5-mini'],
      run: async ({ api, args: [model] }) =>
        told(await ask(api, { ...to`POST /models/restore`, body: { model } }, incident), ({ subject }) => `${subject} is itself again.`),
    },
  ],
}

const rate = z.number().nullish()
const model = z.object({
  name: z.string(),
  id: z.string().nullish(),
  tier: z.string().nullish(),
  lifecycle: z.string().nullish(),
  context_length: z.number().nullish(),
  price: z.object({ input: rate, output: rate }).nullish(),
})
const modelPage = z.object({ data: z.array(model), next_cursor: z.string().nullish() })

function listed({ data, next_cursor: next }: z.infer<typeof modelPage>, paint: Paint): string {
  if (data.length === 0) return 'No listed model fits. Others are reached as provider/wire-model where a plan admits them.'
  const more = next ? `\n\nMore: add --cursor ${next}` : ''
  return table(['name', 'id', 'tier', 'context', 'in', 'out', 'state'], data.map(rowOf), paint) + more
}

/** An unknown price is a dash: it is not free. */
function rowOf({ name, id, tier, context_length, price, lifecycle }: z.infer<typeof model>): Cell[] {
  return [name, id, tier, context_length, price?.input, price?.output, lifecycle === 'active' ? undefined : lifecycle]
}
