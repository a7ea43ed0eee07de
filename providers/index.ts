import type { Provider } from '../src/contract/provider.ts'
import * as called from './roll-call.ts'

/** Every provider that is shipped, in the order of their ids. */
export const providers: readonly Provider[] = Object.values(called).toSorted((a, b) => (a.id < b.id ? -1 : 1))
