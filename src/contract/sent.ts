/** What may tell a client's real dialect: the top-level fields of its body, and its headers. */
export interface Sent {
  has(field: string): boolean
  header(name: string): string | undefined
}
