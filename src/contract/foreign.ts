/** A table of another program's in the database that we share, which is only ever read. */
export interface ForeignTable {
  readonly schema: string
  readonly table: string
  /** What our columns are called there; a column that is not named has our name. */
  readonly columns: Readonly<Record<string, string>>
  /** By our column: our word for each of theirs. A word that is not listed is taken as it is. */
  readonly values: Readonly<Record<string, Readonly<Record<string, string>>>>
  /** By their column: what it must hold for a row to count. */
  readonly filter: Readonly<Record<string, readonly (string | null)[]>>
  /** `gateway.yaml:12 tenants_from.columns.plan`: where to mend what does not fit. */
  writtenAt(...path: readonly string[]): string
}

/** Where tenants and their settings are, where they are not in our own tables. */
export interface ForeignTables {
  readonly tenants?: ForeignTable | undefined
  readonly settings?: ForeignTable | undefined
}
