import { userInfo } from 'node:os'

/** Whoever runs this process, for the audit; undefined for a number without a name, as containers have. */
export function userName(): string | undefined {
  try {
    return userInfo().username
  } catch {
    return undefined
  }
}
