import type { Incident, Switches } from '../contract/incident.ts'

export interface SwitchBoard extends Switches {
  /** Forgets everything and holds these instead. */
  load(incidents: readonly Incident[]): void
}

/** Incidents in memory. One that is over counts no more from that millisecond on, though its row may lie there still. */
export function createSwitches({ now }: { readonly now: () => number }): SwitchBoard {
  const disabled = new Map<string, Incident>()
  const redirected = new Map<string, Incident>()
  const inForce = (incident: Incident | undefined): Incident | undefined =>
    incident && now() < Date.parse(incident.until) ? incident : undefined
  return {
    disabled: (provider) => (disabled.size === 0 ? undefined : inForce(disabled.get(provider))),
    redirected: (model) => inForce(redirected.get(model)),
    get redirecting() {
      return redirected.size > 0
    },
    all: () => [...disabled.values(), ...redirected.values()].filter((incident) => inForce(incident)),
    load(incidents) {
      disabled.clear()
      redirected.clear()
      for (const incident of incidents) (incident.kind === 'disable' ? disabled : redirected).set(incident.subject, incident)
    },
  }
}
