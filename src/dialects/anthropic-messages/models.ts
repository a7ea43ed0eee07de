import type { ModelQuirks } from '../../contract/quirks.ts'

/** What differs between Claudes, wherever they are served under names like Anthropic's own. */
export const claudeModels: readonly ModelQuirks[] = [
  // Those before 4.6 think by a budget: https://platform.claude.com/docs/en/build-with-claude/adaptive-thinking
  {
    models: [
      ...['claude-3-*', 'claude-*-4', 'claude-*-4-0', 'claude-*-4-2025*', 'claude-*-4@*'],
      ...['claude-opus-4-1', 'claude-opus-4-1-*', 'claude-opus-4-1@*', 'claude-*-4-5*'],
    ],
    quirks: { thinkingBy: 'budget' },
  },
  {
    models: ['claude-opus-4-7*', 'claude-opus-4-8*', 'claude-opus-5*', 'claude-sonnet-5*', 'claude-haiku-5*'],
    quirks: { supportsTemperature: false },
  },
]
