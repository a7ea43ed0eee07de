/** What became of an erased tenant's rows in one table. */
export interface ErasedRows {
  readonly table: string
  readonly removed: number
  /** Kept under the tenant's id, which leads to no name any more; whom they told of is taken out. */
  readonly pseudonymised: number
  /** Kept as they were: figures under that id. */
  readonly kept: number
}
