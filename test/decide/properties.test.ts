import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Candidate } from '../../src/contract/catalog.ts'
import type { Decision, Offer, Snapshot } from '../../src/contract/decision.ts'
import { decide, survey } from '../../src/decide.ts'
import { explain, type Question, refusal } from '../../src/explain/explain.ts'
import { verdictOf } from '../../src/explain/verdict.ts'
import { listModels } from '../../src/http/models.ts'
import { type AnyRequest, type AnyWorld, anyRequests, anyWorld } from '../support/any-world.ts'

const SEED = Number(process.env['TOLLGATE_TEST_SEED'] ?? Date.now() % 1_000_000)

/** Several requests one after the other, so that what is remembered of one is there for the next. */
function always(hold: (world: AnyWorld, request: AnyRequest) => void, numRuns = 1_500): void {
  const property = fc.property(anyWorld, anyRequests(), (world, requests) => {
    for (const request of requests) hold(world, request)
  })
  fc.assert(property, { numRuns, seed: SEED })
}

const named = ({ provider, wireModel }: Candidate): string => `${provider.id}/${wireModel}`
const paid = (offer: Offer): string => `${named(offer)} by ${offer.credential.source}`
const asQuestion = ({ caller, ask }: AnyRequest, snapshot: Snapshot): Question => ({
  ...{ caller, ask, snapshot, config: 'drawn', audience: 'full', limits: {} },
})
const without = (gone: string, snapshot: Snapshot): Snapshot => ({
  ...snapshot,
  resolve(name) {
    const resolution = snapshot.resolve(name)
    return { ...resolution, candidates: resolution.candidates.filter((candidate) => named(candidate) !== gone) }
  },
})
const surveyed = ({ snapshot }: AnyWorld, { caller, ask }: AnyRequest): Decision => survey(caller, ask, snapshot)

describe(`any decision in any world (seed ${SEED}; TOLLGATE_TEST_SEED=… draws the same again)`, () => {
  it('accounts for every candidate, and an empty answer counts them all', () =>
    always((world, request) => {
      const decision = surveyed(world, request)
      const { candidates } = decision.resolution
      const told = new Set([...decision.offers, ...decision.rejected.flatMap(({ candidate }) => candidate ?? [])].map(named))
      if (decision.plan) expect(candidates.map(named).filter((name) => !told.has(name))).toEqual([])
      if (decision.offers.length > 0) return
      const brief = decide(request.caller, request.ask, world.snapshot)
      expect(brief).toEqual(decision)
      const counted = Object.values(verdictOf(brief).counts).reduce((sum, count) => sum + count, 0)
      expect(counted).toBe(decision.plan ? Math.max(1, candidates.length) : 1)
    }))

  it('offers nothing that a rule refuses when it is judged alone', () =>
    always((world, { caller, ask }) => {
      for (const offer of decide(caller, ask, world.snapshot).offers) {
        const candidate = world.snapshot.resolve(ask.model).candidates.find((one) => named(one) === named(offer))
        expect(candidate).toBeDefined()
        const alone = { ...world.snapshot, resolve: () => ({ candidates: candidate ? [candidate] : [] }) }
        expect(survey(caller, ask, alone).offers.map(paid)).toContain(paid(offer))
      }
    }))

  it('gives a call the offers that a look at everything gives, in the same order, the same first', () =>
    always((world, request) => {
      const whole = surveyed(world, request).offers.map(paid)
      const brief = decide(request.caller, request.ask, world.snapshot).offers.map(paid)
      expect(brief[0]).toBe(whole[0])
      expect(whole.filter((offer) => brief.includes(offer))).toEqual(brief)
    }))

  it('agrees with its explanation, with the refusal of the call, and with the list of models', () =>
    always((world, request) => {
      const question = asQuestion(request, world.snapshot)
      const decision = decide(request.caller, request.ask, world.snapshot)
      const told = explain(surveyed(world, request), question)
      expect(told.verdict).toBe(decision.offers.length > 0 ? 'allowed' : 'refused')
      expect(JSON.stringify(told)).not.toMatch(/undefined|\[object/)
      if (decision.offers.length === 0) {
        const { code, status, message } = refusal(decision, question)
        expect([code, status, message]).toEqual([told.code, told.status, `${told.because} ${told.fix}`])
      }
      const listed = new Set(listModels(request.caller, world.snapshot).data.map(({ id }) => id))
      for (const { id, endpoints } of world.models.filter(({ offers }) => offers.length > 0)) {
        const endpoint = endpoints.includes('embeddings')
          ? ({ endpoint: 'embeddings', family: 'embeddings' } as const)
          : ({ endpoint: 'chat' } as const)
        const plain = { ...endpoint, model: id, stream: false, needs: {}, inputTokens: 0, leastTokens: 0 }
        const called = decide(request.caller, plain, world.snapshot)
        const passes = called.offers.length > 0 || ['health', 'limits'].includes(verdictOf(called).rejection?.stage ?? '')
        expect(listed.has(id), id).toBe(passes)
      }
    }, 500))

  it('stands in one order, by payer and then by score, whatever is asked before', () =>
    always((world, request) => {
      const [one, two] = [surveyed(world, request), surveyed(world, request)]
      expect(one.offers.map(paid)).toEqual(two.offers.map(paid))
      expect(new Set(one.offers.map(paid)).size).toBe(one.offers.length)
      if (!one.ranking) return
      for (const payers of [['tenant'], ['platform', 'none']]) {
        const scores = one.offers
          .filter(({ credential }) => payers.includes(credential.source))
          .map(({ score }) => score?.total ?? Number.NaN)
        expect(scores).toEqual(scores.toSorted((a, b) => b - a))
      }
    }))

  it('keeps its winner when another candidate goes that was not in its way', () =>
    always((world, request) => {
      const { offers, resolution } = surveyed(world, request)
      const [winner] = offers
      if (!winner) return
      // Whoever is in trouble decides where one may hop to from there.
      for (const loser of resolution.candidates
        .filter((one) => named(one) !== named(winner) && !world.ailing.includes(one.provider.id))
        .map(named)) {
        const left = decide(request.caller, request.ask, without(loser, world.snapshot))
        expect(left.offers[0] && paid(left.offers[0]), `without ${loser}`).toBe(paid(winner))
      }
    }, 500))

  it('counts out a refusal by several rules, and names one change that is enough or says that there is none', () =>
    always((world, request) => {
      const decision = decide(request.caller, request.ask, world.snapshot)
      if (decision.offers.length > 0 || verdictOf(decision).code !== 'no_eligible_model') return
      const told = explain(decision, asQuestion(request, world.snapshot))
      expect(told.because).toMatch(/^Nothing can serve \S+\. Of \d+ offers: \d+ /)
      expect(told.change === null).toBe(told.because.includes('The nearest: '))
    }))
})
