import { count, type Fields, fields, list } from '../fields.ts'

/**
 * A stream that was asked for without `alt=sse` is one list of its events in JSON, failures too: the same as one answer. Anything else is as
 * it was. https://ai.google.dev/api/generate-content#method:-models.streamgeneratecontent
 */
export function whole(body: unknown): unknown {
  if (!Array.isArray(body)) return body
  const candidates = new Map<number, Fields>()
  for (const candidate of body.flatMap((event) => list(fields(event).candidates))) {
    const more = fields(candidate)
    const index = count(more.index) ?? 0
    candidates.set(index, joined(candidates.get(index), more))
  }
  return { ...Object.assign({}, ...body.map(fields)), ...(candidates.size > 0 && { candidates: [...candidates.values()] }) }
}

function joined(before: Fields | undefined, more: Fields): Fields {
  if (!before) return more
  const [had, has] = [fields(before.content), fields(more.content)]
  return { ...before, ...more, content: { ...had, ...has, parts: [...list(had.parts), ...list(has.parts)] } }
}
