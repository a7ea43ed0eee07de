import type { Hub, IngressDialect } from '../contract/dialect.ts'
import type { Post } from './posts.ts'

/** What apps ask for besides conversation. */
export interface FamilyIngress {
  readonly embeddings: IngressDialect<Hub>
  readonly moderations: IngressDialect<Hub>
  readonly rerank: IngressDialect<Hub>
  readonly images: IngressDialect<Hub>
  readonly speech: IngressDialect<Hub>
}

/** Below `/v1`, and without it. */
export function familyPosts({ embeddings, moderations, rerank, images, speech }: FamilyIngress): readonly Post[] {
  return [
    { path: '/embeddings', endpoint: 'embeddings', ingress: embeddings },
    { path: '/moderations', endpoint: 'moderations', ingress: moderations },
    { path: '/rerank', endpoint: 'rerank', ingress: rerank },
    { path: '/images/generations', endpoint: 'images', ingress: images },
    { path: '/audio/speech', endpoint: 'audio', ingress: speech },
  ]
}
