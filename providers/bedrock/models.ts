// What Bedrock's names of models tell: `[geography.]vendor.model`, by itself or at the end of an ARN.
// https://docs.aws.amazon.com/bedrock/latest/userguide/inference-profiles-support.html

const GEOGRAPHY = '(?:apac|au|ca|eu|global|in|jp|sa|us|us-gov)'
const BEFORE = `^(?:arn:[^/]+/)?(?:${GEOGRAPHY}\\.)?`

/** The names of one vendor's models, or of those that begin so. An application's own profile hides its model, and is nobody's. */
export const modelsOf = (vendor: string, beginning = ''): RegExp => new RegExp(`${BEFORE}${vendor}\\.${beginning}`)

/** All other names. */
export const modelsBut = (some: RegExp): RegExp => new RegExp(`^(?!${some.source.slice('^'.length)})`)

const VENDOR = new RegExp(`${BEFORE}([a-z0-9]+)\\.`)

/**
 * How a Claude is asked to think: from 4.6 on by an effort, before by a budget of tokens.
 * https://docs.aws.amazon.com/bedrock/latest/userguide/claude-messages-thinking-differences.html
 */
export function thinkingBy(model: string): 'effort' | 'budget' {
  const [, major = '0', minor = '0'] = CLAUDE.exec(model) ?? []
  return Number(major) > 4 || (major === '4' && Number(minor) >= 6) ? 'effort' : 'budget'
}

/** `claude-sonnet-4-5-20250929-v1:0`; a date has more digits than a version. */
const CLAUDE = new RegExp(`${BEFORE}anthropic\\.claude-[a-z]+-(\\d{1,2})(?:-(\\d{1,2}))?(?![\\d.])`)

/** Who made the model, e.g. `anthropic`; undefined where its name hides it. */
export const vendorOf = (model: string): string | undefined => VENDOR.exec(model)?.[1]
