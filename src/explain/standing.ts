import type { Ranking, Score, ScoreParts } from '../contract/ranking.ts'

export interface ShownRanking {
  readonly by: string
  /** What one part counts; a score is their sum times reliability and headroom. */
  readonly weights: Ranking['weights']
  readonly input_tokens: number
  readonly output_tokens: number
}

export function showRanking({ by, weights, shape }: Ranking): ShownRanking {
  return { by, weights, input_tokens: shape.input, output_tokens: shape.output }
}

/** A score as it is shown: its parts to three places, and why it is not the best. */
export interface ShownScore extends ScoreParts {
  readonly total: number
  readonly because: string
}

/** `best` is the first of those it stands among. */
export function showScore(score: Score, best: Score | undefined): ShownScore {
  const { price, quality, speed, reliability, headroom } = score.parts
  return {
    total: places(score.total),
    ...{ price: places(price), quality: places(quality), speed: places(speed) },
    ...{ reliability: places(reliability), headroom: places(headroom) },
    because: best && best !== score ? behind(score, best) : 'The best of those that may be offered.',
  }
}

function behind({ parts, total }: Score, best: Score): string {
  if (total >= best.total) return 'As good as the best, or better, and held back by who pays or by the order of the catalogue.'
  const worse = NAMES.map((name) => ({ name, by: best.parts[name] - parts[name] }))
    .filter(({ by }) => by > 0)
    .sort((a, b) => b.by - a.by)
  const told = worse.slice(0, 2).map(({ name, by }) => `${WORDS[name]} (${places(by)})`)
  return told.length === 0 ? 'Behind the best.' : `Behind the best by ${told.join(' and ')}.`
}

const WORDS: Readonly<Record<keyof ScoreParts, string>> = {
  price: 'price',
  quality: 'quality',
  speed: 'time to the first byte',
  reliability: 'failures seen lately',
  headroom: "what is left of the provider's rate limit",
}
const NAMES = ['price', 'quality', 'speed', 'reliability', 'headroom'] as const

const places = (number: number): number => Math.round(number * 1_000) / 1_000
