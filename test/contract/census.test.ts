import { describe, expect, it } from 'vitest'
import { spokenDialects } from '../../src/main/spoken-dialects.ts'
import { askedFor, conversations, formatOf, isBeforeMessages } from '../support/formats.ts'
import { hasShared, type Recording, recordingsIn, SHARED } from './dialects/recordings.ts'

// Every recording of the shared folder is run by a suite, or it stands here with the reason why it is not. `conversedIn` and `askedFor` are
// what `test/gateway/ingress-recordings.test.ts` and `test/gateway/family-recordings.test.ts` run, by rule.

/** APIs that nobody is promised here, or not yet. */
const NOT_RUN: readonly (readonly [why: string, api: RegExp])[] = [
  ["Bedrock's counting of tokens, whose body holds the body that is counted", /^bedrock\.count-tokens$/],
  [
    'formats of single models that Bedrock still takes; its Converse says the same of every model',
    /^bedrock\.invoke(-with-response-stream)?\.(ai21|cohere|gpt-oss|llama|mistral|nova|other|titan)$/,
  ],
  ['no answer of a model, but the verdict of a guardrail', /^bedrock\.guardrail\.apply$/],
  ['completions before Messages, which Anthropic has retired', /^anthropic\.complete$/],
  ["Cohere's first chat and its completions, which its second version replaced", /^cohere\.(chat|generate)\.v1$/],
  ["Ollama's completions of one prompt, which its chat replaced", /^ollama\.native\.generate$/],
  ["IBM's own completions; its chat is run", /^watsonx\.text(_stream)?$/],
  ["Google's interactions, and its stores of prompts, pass under /providers", /^google\.(interactions|cachedContents\.create)$/],
  ['a conversation made shorter, which is for the provider that stores it', /^openai\.responses\.compact$/],
  ['a list of models, which the gateway makes itself', /\.models\.list$/],
]

describe.runIf(hasShared)('the shared recordings (skipped where ../shared/recordings is not there)', () => {
  const all = recordingsIn(SHARED)
  const run = new Set(conversations.map(({ file }) => file))
  const isRun = (recording: Recording): boolean => run.has(recording.file) || askedFor(recording) !== undefined
  /** A dialect that nobody speaks yet: its recordings are run as soon as somebody does. */
  const waits = (recording: Recording): boolean => formatOf(recording) !== undefined && !spokenDialects.has(formatOf(recording)!)

  it('are all run, or named with the reason why not', () => {
    const left = all.filter((recording) => !isRun(recording) && !waits(recording) && !reasonOf(recording) && !isBeforeMessages(recording))
    expect(left.map(({ file }) => file)).toEqual([])
  })

  it('are run in far the most part', () => {
    expect(all.filter(isRun).length).toBeGreaterThanOrEqual(350)
  })

  it('are not run where they are named as not run, and every reason names some', () => {
    expect(all.filter((recording) => reasonOf(recording) && isRun(recording)).map(({ file }) => file)).toEqual([])
    expect(NOT_RUN.filter(([, api]) => !all.some((recording) => api.test(recording.api)))).toEqual([])
  })

  it('that are completions under the name of Messages are few, too', () => {
    expect(all.filter(isBeforeMessages).length).toBeLessThanOrEqual(2)
  })
})

const reasonOf = ({ api }: Recording): string | undefined => NOT_RUN.find(([, pattern]) => pattern.test(api))?.[0]
