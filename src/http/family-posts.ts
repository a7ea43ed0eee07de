import type { Hub, IngressDialect } from '../contract/dialect.ts'
import type { Post } from './posts.ts'

/** What apps ask for besides conversation. */
export interface FamilyIngress {
  readonly embeddings: IngressDialect<Hub>
  readonly moderations: IngressDialect<Hub>
  readonly rerank: IngressDialect<Hub>
  readonly images: IngressDialect<Hub>
  readonly imageEdits: IngressDialect<Hub>
  readonly speech: IngressDialect<Hub>
  readonly transcriptions: IngressDialect<Hub>
  readonly translations: IngressDialect<Hub>
}

/** Below `/v1`, and without it. */
export function familyPosts(ingress: FamilyIngress): readonly Post[] {
  return [
    { path: '/embeddings', endpoint: 'embeddings', ingress: ingress.embeddings },
    { path: '/moderations', endpoint: 'moderations', ingress: ingress.moderations },
    { path: '/rerank', endpoint: 'rerank', ingress: ingress.rerank },
    { path: '/images/generations', endpoint: 'images', ingress: ingress.images },
    { path: '/images/edits', endpoint: 'images', ingress: ingress.imageEdits },
    { path: '/audio/speech', endpoint: 'audio', ingress: ingress.speech },
    { path: '/audio/transcriptions', endpoint: 'audio', ingress: ingress.transcriptions },
    { path: '/audio/translations', endpoint: 'audio', ingress: ingress.translations },
  ]
}
