import { type Any, parsed, sumOf, type Words } from './words.ts'

// An answer of Bedrock's Converse read without the code under test, as far as a test needs it.

const FINISH: Record<string, string> = {
  end_turn: 'stop',
  stop_sequence: 'stop',
  tool_use: 'tool_calls',
  max_tokens: 'length',
  guardrail_intervened: 'content_filter',
  content_filtered: 'content_filter',
}

export function wordsOfAnswer({ output, stopReason, usage }: Any): Words {
  const blocks: Any[] = output.message.content
  return {
    text: blocks.map((block) => block.text ?? '').join(''),
    reasoning: blocks.map((block) => block.reasoningContent?.reasoningText?.text ?? '').join(''),
    calls: blocks
      .flatMap((block) => block.toolUse ?? [])
      .filter((call) => call.type !== 'server_tool_use')
      .map((call) => ({ name: call.name, args: call.input })),
    finish: FINISH[stopReason] ?? null,
    usage: usageOf(usage),
  }
}

/** Events have no name inside, so what they hold tells which they are. */
export function wordsOfStream(payloads: Any[]): Words {
  const deltas = payloads.flatMap(({ delta }) => delta ?? [])
  const calls = payloads.filter(({ start }) => start?.toolUse && start.toolUse.type !== 'server_tool_use')
  const argsOf = ({ contentBlockIndex }: Any) =>
    payloads
      .filter((event) => event.contentBlockIndex === contentBlockIndex)
      .map((event) => event.delta?.toolUse?.input ?? '')
      .join('')
  return {
    text: deltas.map((delta) => delta.text ?? '').join(''),
    reasoning: deltas.map((delta) => delta.reasoningContent?.text ?? '').join(''),
    calls: calls.map((call) => ({ name: call.start.toolUse.name, args: parsed(argsOf(call) || '{}') })),
    finish: FINISH[payloads.find(({ stopReason }) => stopReason)?.stopReason] ?? null,
    usage: usageOf(payloads.find(({ usage }) => usage)?.usage),
  }
}

function usageOf(usage: Any): Words['usage'] {
  const { inputTokens, outputTokens: output, cacheReadInputTokens: cached, cacheWriteInputTokens: written } = usage ?? {}
  const input = inputTokens === undefined ? undefined : inputTokens + (cached ?? 0) + (written ?? 0)
  return { input, output, total: sumOf(input, output), cached, reasoning: undefined }
}
