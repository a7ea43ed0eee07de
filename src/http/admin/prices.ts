import { z } from 'zod'
import type { Price, Rates, RateVariant } from '../../contract/catalog.ts'

const rate = z.number().nullable().meta({ description: 'US dollars per million; null where not told.' })
const each = z.number().nullable().meta({ description: 'US dollars each; null where not told.' })

const rates = {
  ...{ input: rate, output: rate, cache_read: rate, cache_write: rate, cache_write_1h: rate, reasoning: rate },
  ...{ audio_input: rate, audio_output: rate, character: rate, request: each, image: each, second: each, search: each },
}

/** A price with all that may change it. */
export const priceAnswer = z.strictObject({
  ...rates,
  tiers: z
    .array(z.strictObject({ ...rates, above: z.int() }))
    .meta({ description: 'For the whole of a prompt with more tokens than that.' }),
  variants: z
    .array(
      z.strictObject({
        ...rates,
        service: z.string().nullable(),
        from: z.string().nullable(),
        until: z.string().nullable(),
        hours: z.tuple([z.int(), z.int()]).nullable().meta({ description: 'Minutes of the UTC day.' }),
        days: z.array(z.int()).nullable().meta({ description: '0 is Sunday.' }),
      }),
    )
    .meta({ description: 'In its place where all that is said holds; the last that does counts.' }),
  snapshot: z.string(),
})

export function showPrice({ snapshot, tiers = [], variants = [], ...card }: Price): z.input<typeof priceAnswer> {
  return {
    ...showRates(card),
    tiers: tiers.map(({ above, ...tier }) => ({ ...showRates(tier), above })),
    variants: variants.map(showVariant),
    snapshot,
  }
}

function showVariant({ service, from, until, hours, days, ...card }: RateVariant): z.input<typeof priceAnswer>['variants'][number] {
  return {
    ...showRates(card),
    ...{ service: service ?? null, from: from ?? null, until: until ?? null },
    hours: hours ? [hours[0], hours[1]] : null,
    days: days ? [...days] : null,
  }
}

// A pico-dollar a token is a micro-dollar a million.
const perMillion = (pico: number | undefined): number | null => (pico === undefined ? null : pico / 1e6)
const perPiece = (pico: number | undefined): number | null => (pico === undefined ? null : pico / 1e12)

function showRates({ cacheRead, cacheWrite, cacheWrite1h, audioInput, audioOutput, ...card }: Rates) {
  return {
    ...{ input: perMillion(card.input), output: perMillion(card.output), reasoning: perMillion(card.reasoning) },
    ...{ cache_read: perMillion(cacheRead), cache_write: perMillion(cacheWrite), cache_write_1h: perMillion(cacheWrite1h) },
    ...{ audio_input: perMillion(audioInput), audio_output: perMillion(audioOutput), character: perMillion(card.character) },
    ...{ request: perPiece(card.request), image: perPiece(card.image), second: perPiece(card.second), search: perPiece(card.search) },
  }
}
