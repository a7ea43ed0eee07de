import type { IngressDialect } from '../../src/contract/dialect.ts'
import type { Hub } from '../../src/contract/family.ts'
import { rerank } from '../../src/dialects/rerank.ts'
import { encodeError, encodeStreamError } from './client-errors.ts'

/** The family's own shape, asked for by Cohere's clients, who read Cohere's errors. */
export const cohereRerank: IngressDialect<Hub> = { ...rerank, encodeError, encodeStreamError }
