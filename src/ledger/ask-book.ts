import { setImmediate as tick } from 'node:timers/promises'
import type { AskBook, Asked, AskFigures, AskShape } from '../contract/asked.ts'
import type { Caller } from '../contract/caller.ts'
import type { Ask } from '../contract/decision.ts'
import type { AskStore } from '../contract/store.ts'

const DAY = 86_400_000
/** Shapes in memory between two writings: what comes beyond them is counted with its tenant's rest. */
const MOST = 5_000
/** Written in one transaction: a few milliseconds, and streams go on before the next. */
const AT_ONCE = 200
/** Longer names are nobody's model. */
const LONGEST = 256

export interface AskBookKeeper extends AskBook {
  /** Writes what was counted since the last time; what cannot be written is kept for the next. */
  flush(): Promise<void>
}

type Entry = { -readonly [Name in keyof Asked]: Asked[Name] }

export function createAskBook({ store, now }: { readonly store: AskStore; readonly now: () => number }): AskBookKeeper {
  let entries = new Map<string, Entry>()
  let unwritten: readonly Entry[] = []

  function entryOf(caller: Caller, ask: Ask): Entry {
    const kept = entries.size < MOST && ask.model.length <= LONGEST
    const key = kept ? keyOf(caller, ask) : caller.tenant.id
    const known = entries.get(key)
    if (known) return known
    const made = { tenant: caller.tenant.id, day: Math.floor(now() / DAY), shape: kept ? shapeOf(caller, ask) : undefined, ...NOTHING }
    entries.set(key, made)
    return made
  }

  return {
    judged(caller, ask, { offers }) {
      const entry = entryOf(caller, ask)
      entry.asked++
      if (offers.length === 0) entry.refused++
      if (ask.leastTokens > entry.leastTokens) entry.leastTokens = ask.leastTokens
      if (ask.inputTokens > entry.inputTokens) entry.inputTokens = ask.inputTokens
    },
    used(caller, ask, usage) {
      if (usage?.input === undefined && usage?.output === undefined) return
      const entry = entryOf(caller, ask)
      entry.answered++
      entry.input += usage.input ?? 0
      entry.output += usage.output ?? 0
      entry.cacheRead += usage.cacheRead ?? 0
      entry.cacheWrite += usage.cacheWrite ?? 0
      entry.reasoning += usage.reasoning ?? 0
    },
    async flush() {
      const counted = [...unwritten, ...entries.values()]
      unwritten = []
      entries = new Map()
      for (let at = 0; at < counted.length; at += AT_ONCE) {
        try {
          await store.add(counted.slice(at, at + AT_ONCE))
        } catch (error) {
          // A lost count is no lost charge.
          unwritten = counted.slice(at, at + MOST)
          throw error
        }
        await tick()
      }
    },
  }
}

const NOTHING: AskFigures = {
  ...{ asked: 0, refused: 0, answered: 0, input: 0, output: 0, cacheRead: 0, cacheWrite: 0, reasoning: 0 },
  ...{ leastTokens: 0, inputTokens: 0 },
}

const NEEDS = ['tools', 'vision', 'audio', 'files', 'json_schema'] as const

/** The same for asks that every decision would judge alike, but for the exact length of their prompts. */
function keyOf({ tenant, key }: Caller, { endpoint, family, model, at, stream, needs, pay, leastTokens }: Ask): string {
  let flags = stream ? 1 : 0
  for (const [bit, need] of NEEDS.entries()) if (needs[need]) flags |= 2 << bit
  const own = at ? `${at.provider}/${at.wireModel}` : ''
  return `${tenant.id}\n${narrows(key) ? key.id : ''}\n${endpoint}\n${family ?? ''}\n${pay ?? ''}\n${flags}\n${sizeOf(leastTokens)}\n${own}\n${model}`
}

function shapeOf({ key }: Caller, { endpoint, family, model, at, stream, needs, pay, leastTokens }: Ask): AskShape {
  return {
    ...(narrows(key) && { key: key.id }),
    ...{ endpoint, model, stream, needs: NEEDS.filter((need) => needs[need]), size: sizeOf(leastTokens) },
    ...(family && { family }),
    ...(at && { at }),
    ...(pay && { pay }),
  }
}

const narrows = ({ models, endpoints }: Caller['key']): boolean => models !== undefined || endpoints !== undefined

const sizeOf = (tokens: number): number => 32 - Math.clz32(tokens)
