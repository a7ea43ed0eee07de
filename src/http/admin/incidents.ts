import { z } from 'zod'
import type { Incident } from '../../contract/incident.ts'
import { disableProvider, endIncident, listIncidents, redirectModel } from '../../desk/incidents.ts'
import { pageOf } from '../page.ts'
import { adminRoute } from './context.ts'

export const incidentAnswer = z.strictObject({
  kind: z.enum(['disable', 'redirect']),
  subject: z.string().meta({ description: 'A provider, or a model.' }),
  to: z.string().nullable(),
  reason: z.string(),
  until: z.string(),
  since: z.string(),
  by: z.string(),
})

const reason = z.string().trim().min(1).max(500)
const spell = {
  for: z.string().meta({ description: '30m, 24h, 7d' }),
}
const model = z.string().min(1).max(512)

export const incidentRoutes = [
  adminRoute({
    method: 'GET',
    path: '/incidents',
    scope: 'config',
    summary: 'What is switched off or redirected for a time',
    answer: pageOf(incidentAnswer),
    handle: async ({ desk }) => ({ data: listIncidents(desk).map(showIncident), next_cursor: null }),
  }),
  adminRoute({
    method: 'POST',
    path: '/providers/{provider}/disable',
    scope: 'config',
    summary: 'Send nothing to a provider for a time, on all replicas',
    body: z.strictObject({ ...spell, reason }),
    answer: incidentAnswer,
    handle: async ({ desk, by }, { params, body }) => showIncident(await disableProvider(desk, by, { id: params.provider, ...body })),
  }),
  adminRoute({
    method: 'POST',
    path: '/providers/{provider}/enable',
    scope: 'config',
    summary: 'Send to a provider again before its time is over',
    answer: incidentAnswer,
    handle: async ({ desk, by }, { params }) => showIncident(await endIncident(desk, by, { kind: 'disable', subject: params.provider })),
  }),
  adminRoute({
    method: 'POST',
    path: '/models/redirect',
    scope: 'config',
    summary: 'Give whoever asks for a model another one for a time, on all replicas',
    body: z.strictObject({ model, to: model, ...spell, reason: reason.default('no reason given') }),
    answer: incidentAnswer,
    handle: async ({ desk, by }, { body }) => showIncident(await redirectModel(desk, by, body)),
  }),
  adminRoute({
    method: 'POST',
    path: '/models/restore',
    scope: 'config',
    summary: 'End a redirect before its time is over',
    body: z.strictObject({ model }),
    answer: incidentAnswer,
    handle: async ({ desk, by }, { body }) => showIncident(await endIncident(desk, by, { kind: 'redirect', subject: body.model })),
  }),
]

export function showIncident({ kind, subject, to, reason, until, since, by }: Incident): z.input<typeof incidentAnswer> {
  return { kind, subject, to: to ?? null, reason, until, since, by }
}
