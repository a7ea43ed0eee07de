import { Buffer } from 'node:buffer'
import type { JsonField, JsonScan } from './json-scan.ts'

/** What may be done to a top-level field. `json` is JSON text, written as it is. */
export type JsonEdit =
  | { readonly set: string; readonly json: string }
  | { readonly drop: string }
  | { readonly rename: string; readonly to: string }

/**
 * The body with its top-level fields edited, one edit after the other, and every other byte untouched. `set` replaces a value or adds the field
 * at the end; a dropped field takes one comma and the white space beside that comma along; renaming to a name that is already there drops the
 * field, so that no key is ever given twice. The same Buffer where nothing changes.
 */
export function editJson(scan: JsonScan, edits: readonly JsonEdit[]): Buffer {
  const pieces = editedPieces(scan, edits)
  const [only] = pieces
  return only && pieces.length === 1 ? only : Buffer.concat(pieces)
}

/** The same in pieces, those of the body not copied. */
export function editedPieces(scan: JsonScan, edits: readonly JsonEdit[]): readonly Buffer[] {
  const splices = splicesFor(scan, edits)
  return splices.length === 0 ? [scan.body] : splice(scan.body, splices)
}

function splicesFor(scan: JsonScan, edits: readonly JsonEdit[]): readonly Splice[] {
  const [edit] = edits
  // Nearly every body has one edit, that of its model.
  const only = edits.length === 1 && edit && 'set' in edit ? scan.fields.get(edit.set) : undefined
  if (only && edit && 'set' in edit) return changes(scan.body, only, { name: only.name, field: only, json: edit.json })
  const slots = [...edited(scan, edits).values()]
  return [...spliceFields(scan, slots), ...spliceAdditions(scan, slots)]
}

/** A field as it will be: where it stands, unless it is new, and its value, unless that stays. */
interface Slot {
  readonly name: string
  readonly field: JsonField | undefined
  readonly json: string | undefined
}

/** The bytes from `start` to `end`, exclusive, give way to `text`. */
interface Splice {
  readonly start: number
  readonly end: number
  readonly text: string
}

function edited(scan: JsonScan, edits: readonly JsonEdit[]): Map<string, Slot> {
  const slots = new Map<string, Slot>()
  for (const [name, field] of scan.fields) slots.set(name, { name, field, json: undefined })
  for (const edit of edits) {
    if ('set' in edit) slots.set(edit.set, { name: edit.set, field: slots.get(edit.set)?.field, json: edit.json })
    else if ('drop' in edit) slots.delete(edit.drop)
    else rename(slots, edit.rename, edit.to)
  }
  return slots
}

function rename(slots: Map<string, Slot>, from: string, to: string): void {
  const slot = slots.get(from)
  if (slot === undefined) return
  slots.delete(from)
  if (!slots.has(to)) slots.set(to, { ...slot, name: to })
}

/** A dropped field takes the comma before it once a field is kept, else the comma after it: so each comma goes once, and none stands alone. */
function spliceFields(scan: JsonScan, slots: readonly Slot[]): Splice[] {
  const kept = new Map(slots.map((slot) => [slot.field, slot]))
  const fields = [...scan.fields.values()]
  const splices: Splice[] = []
  let previousEnd = 0
  let anyKept = false
  fields.forEach((field, index) => {
    const slot = kept.get(field)
    if (slot !== undefined) splices.push(...changes(scan.body, field, slot))
    else if (anyKept) splices.push({ start: previousEnd, end: field.valueEnd, text: '' })
    else splices.push({ start: field.keyStart, end: fields[index + 1]?.keyStart ?? field.valueEnd, text: '' })
    anyKept ||= slot !== undefined
    previousEnd = field.valueEnd
  })
  return splices
}

function changes(body: Buffer, field: JsonField, slot: Slot): Splice[] {
  const splices: Splice[] = []
  if (slot.name !== field.name) splices.push({ start: field.keyStart, end: field.keyEnd, text: JSON.stringify(slot.name) })
  if (slot.json !== undefined && slot.json !== body.toString('utf8', field.valueStart, field.valueEnd))
    splices.push({ start: field.valueStart, end: field.valueEnd, text: slot.json })
  return splices
}

function spliceAdditions(scan: JsonScan, slots: readonly Slot[]): Splice[] {
  const added = slots.filter((slot) => slot.field === undefined)
  if (added.length === 0) return []
  const last = [...scan.fields.values()].at(-1)
  const at = last?.valueEnd ?? scan.body.indexOf('{') + 1
  const members = added.map((slot) => `${JSON.stringify(slot.name)}:${slot.json}`).join(',')
  return [{ start: at, end: at, text: added.length < slots.length ? `,${members}` : members }]
}

function splice(body: Buffer, splices: readonly Splice[]): Buffer[] {
  const pieces: Buffer[] = []
  let from = 0
  for (const { start, end, text } of splices) {
    pieces.push(body.subarray(from, start), Buffer.from(text))
    from = end
  }
  return [...pieces, body.subarray(from)]
}
