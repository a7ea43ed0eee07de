import type { Auth, Mint } from './auth.ts'

/** What the credentials of a provider are made of, where one text is not enough: its parts, and which of them make a whole. */
export interface CredentialSchema {
  readonly parts: Readonly<Record<string, CredentialPart>>
  /** The first whose `needs` are all there counts. */
  readonly ways: readonly CredentialWay[]
  /** Names that may stand beside the parts, as in a vendor's credentials file, and say nothing to us. */
  readonly ignored?: readonly string[]
}

export interface CredentialPart {
  /** For people: `the name of the Azure resource`. */
  readonly means: string
  /** Never shown, and redacted wherever it might turn up. */
  readonly secret: boolean
  /**
   * The whole value; its first group, where it has one, is what counts. A part that stands in an address has a shape from which no host
   * or path can be escaped.
   */
  readonly shape?: RegExp
  /** Other names it goes by, in a row or in the fields that are given. */
  readonly aliases?: readonly string[]
  /** Environment variables that hold the platform's own; the first that is set counts. */
  readonly env?: readonly string[]
  /** Environment variables that hold the path of a file with it. */
  readonly fileEnv?: readonly string[]
  /** What holds where nobody says. */
  readonly fallback?: string
  /** Its value is a JSON object whose fields stand for themselves, e.g. the text of a vendor's credentials file. */
  readonly unfolds?: true
}

/** One way to be known to a provider. */
export interface CredentialWay {
  /** For people: `a service account`. */
  readonly name: string
  readonly needs: readonly string[]
  /** Parts it can do without. Those that the address asks for are needed anyway, and need not be listed. */
  readonly takes?: readonly string[]
  /** The part whose last digits tell it apart; the first needed where absent. */
  readonly principal?: string
  /** The provider's own where absent. */
  readonly auth?: Auth
  /** Headers that go with it, by name, each with the part whose value it has; none where that part is not given. */
  readonly headers?: Readonly<Record<string, string>>
  /** Its parts are exchanged for short-lived ones before `auth` uses them. */
  readonly mint?: Mint
  /** Speaks for the machine the gateway runs on, so a tenant's row must not ask for it. */
  readonly platformOnly?: true
}

/** Names of the parts that an address asks for: `https://{resource}.example.com`. */
export function partsIn(address: string): readonly string[] {
  return [...address.matchAll(PLACE)].map(([, name = '']) => name)
}

/** The address with its parts filled in; a part that is not there leaves its place as it is, and no host has braces. */
export function filled(address: string, values: Readonly<Record<string, string | undefined>>): string {
  return address.replace(PLACE, (place, name: string) => values[name] ?? place)
}

const PLACE = /\{([a-z_]+)\}/g
