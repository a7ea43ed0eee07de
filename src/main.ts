// The entry. What Node compiles is kept for the next start, which takes half as long; so nothing of ours may be imported before.

import { enableCompileCache, flushCompileCache } from 'node:module'
import { join } from 'node:path'

// Not in the temporary folder, where another user of this machine could lay code for us. Where it cannot be written, nothing is kept.
enableCompileCache(join(import.meta.dirname, '../node_modules/.cache/tollgate'))
await import('./main/start.ts')
// A server does not come to its end for months.
flushCompileCache()
