import { type Fields, fields } from '../fields.ts'

// Where words are from. Chat completions nest what the Responses API tells flat; kinds that chat does not know travel as they are.

export function decodeAnnotation(annotation: unknown): Fields {
  const { type, ...citation } = fields(annotation)
  return type === 'url_citation' ? { type, url_citation: citation } : fields(annotation)
}

export function encodeAnnotation(annotation: unknown): Fields {
  const { type, url_citation } = fields(annotation)
  return type === 'url_citation' ? { type, ...fields(url_citation) } : fields(annotation)
}
