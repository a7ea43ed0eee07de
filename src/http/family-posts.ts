import type { Hub, IngressDialect } from '../contract/dialect.ts'
import type { Post } from './posts.ts'

/** What apps ask for besides conversation. */
export interface FamilyIngress {
  readonly embeddings: IngressDialect<Hub>
}

/** Below `/v1`, and without it. */
export function familyPosts({ embeddings }: FamilyIngress): readonly Post[] {
  return [{ path: '/embeddings', endpoint: 'embeddings', ingress: embeddings }]
}
