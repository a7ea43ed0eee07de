/** Keys sort by their bytes, as in the other engine, and whatever the database's language. */
export const TEXT = 'text COLLATE "C"'

export const SEQ = 'seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY'
