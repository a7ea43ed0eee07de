import { adminRoutes } from '../../src/http/admin/routes.ts'
import type { Description } from '../../src/http/route.ts'

/** The route of the admin API that serves this path; a fixed word comes before a name in its place. */
export function adminRoute(method: string, path: string): Description | undefined {
  const [plain = ''] = path.split('?')
  const fits = adminRoutes.filter((route) => route.method === method && patternOf(route.path).test(plain))
  return fits.toSorted((a, b) => a.path.split('{').length - b.path.split('{').length)[0]
}

/** Throws where a good answer is not what its route promises. */
export function holdToPromise(method: string, path: string, answer: { status: number; body: unknown }): void {
  const route = adminRoute(method, path)
  if (!route || answer.status >= 300) return
  if (!route.statuses.some((status) => status === answer.status)) throw new Error(`${method} ${path} answered ${answer.status}`)
  const parsed = route.answer.safeParse(answer.body)
  if (!parsed.success) throw new Error(`${method} ${path} answered otherwise than it is described: ${parsed.error.message}`)
}

const patternOf = (path: string): RegExp => new RegExp(`^${path.replaceAll(/\{\w+\}/g, '[^/]+')}$`)
