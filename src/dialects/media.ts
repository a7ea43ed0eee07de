import { unescape as percentDecoded } from 'node:querystring'
import type { ChatPart } from '../contract/chat.ts'
import { entryOf } from './fields.ts'
import { unsayable } from './unsayable.ts'

/** Where a picture, document or sound is: in the request itself, or at an address that the provider fetches. */
export type Media = { readonly mediaType: string; readonly base64: string } | { readonly url: string }

type FilePart = Extract<ChatPart, { type: 'file' }>

const ADDRESS = /^(?:https?|gs):\/\//i
const DATA_URL = /^data:([^;,]*)((?:;[^;,]+)*),/ // RFC 2397

/** An `https:` address, or a `data:` URL taken apart. */
export function readUrl(url: string, at: string): Media {
  if (ADDRESS.test(url)) return { url }
  const media = readDataUrl(url)
  if (media === undefined) throw unsayable(at, 'is neither an https: nor a data: URL.')
  return media
}

/** A file's bytes, from a `data:` URL or plain base64, whose type the file's name then tells. */
export function readFile({ file }: FilePart, at: string): Media {
  const { file_data: data, filename } = file
  if (data === undefined) throw unsayable(`${at}.file`, 'has no file_data: files stored with another provider cannot be read here.')
  if (ADDRESS.test(data)) return { url: data }
  return readDataUrl(data) ?? { mediaType: mediaTypeOf(filename ?? '') ?? 'application/pdf', base64: data }
}

function readDataUrl(url: string): Media | undefined {
  const match = DATA_URL.exec(url)
  if (match === null) return undefined
  const data = url.slice(match[0].length)
  const isBase64 = match[2]?.split(';').includes('base64')
  const base64 = isBase64 ? data : Buffer.from(percentDecoded(data)).toString('base64')
  return { mediaType: match[1] || 'text/plain', base64 }
}

const MEDIA_TYPES: Readonly<Record<string, string>> = {
  csv: 'text/csv',
  gif: 'image/gif',
  heic: 'image/heic',
  html: 'text/html',
  jpeg: 'image/jpeg',
  jpg: 'image/jpeg',
  json: 'application/json',
  md: 'text/markdown',
  mp3: 'audio/mpeg',
  mp4: 'video/mp4',
  pdf: 'application/pdf',
  png: 'image/png',
  txt: 'text/plain',
  wav: 'audio/wav',
  webp: 'image/webp',
}

/** The media type that a file's name or an address tells; undefined where its ending is not one of ours. */
export function mediaTypeOf(name: string): string | undefined {
  const ending = /\.([a-z0-9]+)(?:[?#].*)?$/i.exec(name)?.[1]
  return entryOf(MEDIA_TYPES, ending?.toLowerCase())
}
