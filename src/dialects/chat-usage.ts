import type { ChatUsage } from '../contract/chat.ts'
import type { Usage } from '../contract/dialect.ts'
import { sum } from './fields.ts'

/** Usage as chat completions tell it. Absent counts stay absent: an unknown one is not written as 0. */
export function encodeUsage(usage: Usage | undefined): ChatUsage | undefined {
  if (usage === undefined) return undefined
  const { input, output } = usage
  return {
    prompt_tokens: input,
    completion_tokens: output,
    total_tokens: input === undefined || output === undefined ? undefined : sum(input, output),
    prompt_tokens_details: told({ cached_tokens: usage.cacheRead, cache_write_tokens: usage.cacheWrite, audio_tokens: usage.audioInput }),
    completion_tokens_details: told({ reasoning_tokens: usage.reasoning, audio_tokens: usage.audioOutput }),
  }
}

/** A part that is no larger than its whole, where that was told. */
export function cut(part: number | undefined, whole: number | undefined): number | undefined {
  return part === undefined || whole === undefined ? part : Math.min(part, whole)
}

function told<Details extends object>(details: Details): Details | undefined {
  return Object.values(details).some((value) => value !== undefined) ? details : undefined
}
