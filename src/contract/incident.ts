/** What an operator has switched for a time: in force on all replicas, and over by itself. */
export interface Incident {
  /** `disable`: nothing is sent to a provider. `redirect`: whoever asks for a model gets another. */
  readonly kind: 'disable' | 'redirect'
  /** A provider's id, or a model as it is asked for: a name, a catalogue id or `provider/wire-model`. */
  readonly subject: string
  /** Of a redirect: any name that a request may have. */
  readonly to?: string
  readonly reason: string
  /** ISO 8601, UTC. */
  readonly until: string
  readonly since: string
  readonly by: string
}

/** What is switched now, read from memory. */
export interface Switches {
  disabled(provider: string): Incident | undefined
  redirected(model: string): Incident | undefined
  /** Is any model redirected at all? */
  readonly redirecting: boolean
  all(): readonly Incident[]
}
