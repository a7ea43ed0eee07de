import type { ChatPart } from '../../src/contract/chat.ts'
import { entryOf } from '../../src/dialects/fields.ts'
import { type Media, readFile, readUrl } from '../../src/dialects/media.ts'
import { unsayable } from '../../src/dialects/unsayable.ts'

/** https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ContentBlock.html */
const FORMATS: Readonly<Record<string, readonly [kind: 'image' | 'document' | 'audio' | 'video', format: string]>> = {
  'application/msword': ['document', 'doc'],
  'application/pdf': ['document', 'pdf'],
  'application/vnd.ms-excel': ['document', 'xls'],
  'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet': ['document', 'xlsx'],
  'application/vnd.openxmlformats-officedocument.wordprocessingml.document': ['document', 'docx'],
  'audio/mpeg': ['audio', 'mp3'],
  'audio/ogg': ['audio', 'ogg'],
  'audio/wav': ['audio', 'wav'],
  'image/gif': ['image', 'gif'],
  'image/jpeg': ['image', 'jpeg'],
  'image/png': ['image', 'png'],
  'image/webp': ['image', 'webp'],
  'text/csv': ['document', 'csv'],
  'text/html': ['document', 'html'],
  'text/markdown': ['document', 'md'],
  'text/plain': ['document', 'txt'],
  'video/mp4': ['video', 'mp4'],
  'video/quicktime': ['video', 'mov'],
  'video/webm': ['video', 'webm'],
}

interface Where {
  readonly at: string
  /** Makes a name that no other document of the request has. */
  readonly named: Naming
}

export function encodePicture(url: string, { at, named }: Where): object {
  return encodeMedia(readUrl(url, at), { at, name: () => named(undefined) })
}

export function encodeAudio({ data, format }: { data: string; format: string }): object {
  return { audio: { format, source: { bytes: data } } }
}

type FilePart = Extract<ChatPart, { type: 'file' }>

export function encodeFile(part: FilePart, { at, named }: Where): object {
  const { context, citations } = part
  return encodeMedia(readFile(part, at), { at, name: () => named(part.file.filename), more: { context, citations } })
}

interface Around {
  readonly at: string
  readonly name: () => string
  /** What only documents have. */
  readonly more?: object
}

function encodeMedia(media: Media, { at, name, more }: Around): object {
  if ('url' in media) throw unsayable(at, 'this model fetches nothing: send the file itself, as a data: URL.')
  const [kind, format] = entryOf(FORMATS, media.mediaType) ?? []
  if (kind === undefined) throw unsayable(at, `this model takes no ${media.mediaType}.`)
  const source = { bytes: media.base64 }
  return { [kind]: kind === 'document' ? { format, name: name(), source, ...more } : { format, source } }
}

export type Naming = (filename: string | undefined) => string

/** Names of documents hold letters, digits, single spaces, hyphens and brackets only, and none may come twice. */
export function naming(): Naming {
  const times = new Map<string, number>()
  return (filename = 'document') => {
    const name =
      filename
        .replace(/\.[A-Za-z0-9]+$/, '')
        .replace(/[^A-Za-z0-9()[\]-]+/g, ' ')
        .trim() || 'document'
    const time = (times.get(name) ?? 0) + 1
    times.set(name, time)
    return time === 1 ? name : `${name} (${time})`
  }
}
