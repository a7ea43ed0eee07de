// When vendors end their models, from the vendors' own pages; reviewed data, no code. A model's own vendor is meant: resellers may go on.
//   https://developers.openai.com/api/docs/deprecations
//   https://platform.claude.com/docs/en/about-claude/model-deprecations
//   https://ai.google.dev/gemini-api/docs/deprecations

/** The day, what the vendor recommends instead, and the models that end with it. */
type Ending = readonly [retires: string, successor: string | undefined, models: readonly string[]]

export const ENDINGS: readonly Ending[] = [
  ['2026-01-05', 'claude-opus-4-6', ['claude-3-opus-20240229', 'claude-3-opus-latest']],
  ['2025-10-28', 'claude-sonnet-4-6', ['claude-3-5-sonnet-20241022', 'claude-3-5-sonnet-latest']],
  ['2026-02-19', 'claude-sonnet-4-6', ['claude-3-7-sonnet-20250219', 'claude-3-7-sonnet-latest']],
  ['2026-02-19', 'claude-haiku-4-5', ['claude-3-5-haiku-20241022', 'claude-3-5-haiku-latest']],
  ['2026-06-15', 'claude-sonnet-4-6', ['claude-sonnet-4-20250514', 'claude-sonnet-4-0']],
  ['2026-06-15', 'claude-opus-4-8', ['claude-opus-4-20250514', 'claude-opus-4-0']],
  ['2026-08-05', 'claude-opus-4-8', ['claude-opus-4-1', 'claude-opus-4-1-20250805']],

  ['2026-03-09', 'gemini-3.1-pro-preview', ['gemini-3-pro-preview']],
  ['2026-06-01', 'gemini-2.5-flash', ['gemini-2.0-flash']],
  ['2026-06-01', 'gemini-2.5-flash-lite', ['gemini-2.0-flash-lite']],
  ['2026-12-01', 'gemini-3.8-flash', ['gemini-2.5-pro']],
  ['2026-12-01', 'gemini-3.5-flash-lite', ['gemini-2.5-flash']],

  ['2026-02-17', undefined, ['chatgpt-4o-latest']],
  ['2026-10-23', 'gpt-5.6-terra', ['gpt-3.5-turbo', 'gpt-3.5-turbo-0125', 'o4-mini', 'o4-mini-2025-04-16']],
  ['2026-10-23', 'gpt-5.6-luna', ['gpt-4.1-nano', 'gpt-4.1-nano-2025-04-14']],
  ['2026-10-23', 'gpt-5.6-sol', ['gpt-4', 'gpt-4-0613', 'gpt-4-turbo', 'gpt-4-turbo-2024-04-09', 'gpt-4o-2024-05-13']],
  ['2026-10-23', 'gpt-5.6-sol', ['o1', 'o1-2024-12-17', 'o1-pro', 'o3-mini', 'o3-mini-2025-01-31']],
  ['2026-12-11', 'gpt-5.6-sol', ['gpt-5', 'gpt-5-2025-08-07', 'gpt-5-pro', 'o3', 'o3-2025-04-16', 'o3-pro']],
  ['2026-12-11', 'gpt-5.6-terra', ['gpt-5-mini', 'gpt-5-mini-2025-08-07']],
  ['2026-12-11', 'gpt-5.6-luna', ['gpt-5-nano', 'gpt-5-nano-2025-08-07']],
  ['2027-01-14', 'gpt-6-luna', ['gpt-4o', 'gpt-4o-2024-08-06', 'gpt-4o-2024-11-20', 'gpt-4o-mini', 'gpt-4o-mini-2024-07-18']],
  ['2027-01-14', 'gpt-6-luna', ['gpt-4.1', 'gpt-4.1-2025-04-14', 'gpt-4.1-mini', 'gpt-4.1-mini-2025-04-14']],
  ['2027-04-01', undefined, ['gpt-5.1', 'gpt-5.1-2025-11-13']],
]
