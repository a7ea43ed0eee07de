import type { ListedModel } from './catalog.ts'

/** Models and prices of one origin: what ships with the code, or what a refresh brought. */
export interface CatalogSnapshot {
  /** The first 12 hex digits of the SHA-256 of the models' lines. */
  readonly snapshot: string
  /** The day it was made: `2026-11-23`. A list is in force over one that is as old as it, or older. */
  readonly built?: string | undefined
  readonly models: readonly ListedModel[]
}

/** A refreshed snapshot as it is kept. */
export interface KeptSnapshot extends CatalogSnapshot {
  /** A URL, or the name of a file. */
  readonly source: string
  /** ISO 8601, UTC. */
  readonly takenAt: string
}

/** What a refresh would bring, or why it is refused. */
export interface RefreshReport {
  readonly source: string
  readonly verdict: 'taken' | 'unchanged' | 'refused'
  /** Of what was offered; undefined where that could not be read. */
  readonly snapshot: string | undefined
  readonly models: number
  readonly offers: number
  /** Ids that are new, and those that the source does not list any more; these stay as they were. */
  readonly added: readonly string[]
  readonly silent: readonly string[]
  /** Offers with another price than before. */
  readonly repriced: readonly string[]
  /** A sentence for each reason to refuse; none otherwise. */
  readonly because: readonly string[]
}

/** A price list as an operator brings it. */
export interface OfferedList {
  readonly source: string
  /** The bytes of the list, unread. */
  readonly text: string
  /** Offers (`provider/wire-model`) whose price may change by more than ten times, on the operator's word. */
  readonly accept: readonly string[]
}

/** Reads and judges a price list against what is in force; changes nothing. */
export type JudgeList = (offered: OfferedList) => { readonly report: RefreshReport; readonly brought: CatalogSnapshot | undefined }
