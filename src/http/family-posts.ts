import type { IngressDialect } from '../contract/dialect.ts'
import type { Hub } from '../contract/family.ts'
import { askedOfGemini, deploymentIn, type Post } from './posts.ts'

/** What apps ask for besides conversation. */
export interface FamilyIngress {
  readonly embeddings: IngressDialect<Hub>
  readonly geminiEmbedding: IngressDialect<Hub>
  readonly geminiEmbeddings: IngressDialect<Hub>
  readonly moderations: IngressDialect<Hub>
  readonly rerank: IngressDialect<Hub>
  readonly images: IngressDialect<Hub>
  readonly imageEdits: IngressDialect<Hub>
  readonly imageVariations: IngressDialect<Hub>
  readonly speech: IngressDialect<Hub>
  readonly transcriptions: IngressDialect<Hub>
  readonly translations: IngressDialect<Hub>
  readonly cohereEmbeddings: IngressDialect<Hub>
  readonly cohereEmbeddings1: IngressDialect<Hub>
  readonly cohereRerank: IngressDialect<Hub>
}

/** Below `/v1`, and without it. */
export function familyPosts(ingress: FamilyIngress): readonly Post[] {
  return [
    { path: '/embeddings', endpoint: 'embeddings', ingress: ingress.embeddings },
    { path: '/moderations', endpoint: 'moderations', ingress: ingress.moderations },
    { path: '/rerank', endpoint: 'rerank', ingress: ingress.rerank },
    { path: '/images/generations', endpoint: 'images', ingress: ingress.images },
    { path: '/images/edits', endpoint: 'images', ingress: ingress.imageEdits },
    { path: '/images/variations', endpoint: 'images', ingress: ingress.imageVariations },
    { path: '/audio/speech', endpoint: 'audio', ingress: ingress.speech },
    { path: '/audio/transcriptions', endpoint: 'audio', ingress: ingress.transcriptions },
    { path: '/audio/translations', endpoint: 'audio', ingress: ingress.translations },
  ]
}

/** Cohere's paths; its first version of rerank is at the path that all share. */
export function familyVersions({ cohereEmbeddings, cohereEmbeddings1, cohereRerank }: FamilyIngress): readonly Post[] {
  return [
    { path: '/v2/embed', endpoint: 'embeddings', ingress: cohereEmbeddings },
    { path: '/v1/embed', endpoint: 'embeddings', ingress: cohereEmbeddings1 },
    { path: '/v2/rerank', endpoint: 'rerank', ingress: cohereRerank },
  ]
}

/** Google's paths, under either version. */
export function familyMethods({ geminiEmbedding, geminiEmbeddings }: FamilyIngress): readonly Post[] {
  const methods = [
    { name: 'embedContent', ingress: geminiEmbedding },
    { name: 'batchEmbedContents', ingress: geminiEmbeddings },
  ]
  return ['/v1beta', '/v1'].flatMap((version) =>
    methods.map(({ name, ingress }) => ({
      path: `${version}/models/:call{.+:${name}}`,
      endpoint: 'embeddings' as const,
      ingress,
      asked: askedOfGemini,
    })),
  )
}

/** What Azure's own clients call: the deployment in the path is the model, which a form names once more. */
export function familyDeployments(ingress: FamilyIngress): readonly Post[] {
  return familyPosts(ingress).map((post) => ({
    ...post,
    path: `/openai/deployments/:model{.+}${post.path}`,
    asked: (url) => deploymentIn(url, post.path),
  }))
}
