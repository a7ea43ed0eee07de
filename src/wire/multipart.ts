import { GatewayError } from '../errors.ts'

/** Bytes of one part's headers, and of the value that is looked for. */
const MOST_HEAD = 16 * 1024
const MOST_VALUE = 1024

const HEAD_END = Buffer.from('\r\n\r\n')
const CRLF = '\r\n'

/** The one spelling of a field that every reader takes for the same (RFC 7578 4.2): quoted, with nothing escaped in it. */
const DISPOSITION = /^form-data; ?name="([^"\\%]*)"(; ?filename\*?=[^\r\n]*)?$/i

/** `multipart/form-data` with its boundary (RFC 2046 5.1.1); undefined for any other type. */
export function boundaryOf(contentType: string): string | undefined {
  const [, quoted, plain] =
    /^multipart\/form-data\s*;\s*boundary=(?:"([\w'()+,./:=?-]{1,70})"|([\w'+.-]{1,70}))\s*$/i.exec(contentType) ?? []
  return quoted ?? plain
}

type State = 'start' | 'head' | 'body' | 'over'

/**
 * Follows a form as it goes by, in pieces of any size, and finds one field's value. Strict, since another reader follows the same bytes
 * and must not see other fields in them: a second field of the name, a name spelt in an unusual way, and a boundary anywhere but between
 * two parts are refused. Keeps no more than a part's headers or the value itself. Throws `invalid_value` and `duplicate_key`.
 */
export class FormWatch {
  /** Where the value stands in the form, once it is known. */
  found: { readonly start: number; readonly end: number; readonly text: string } | undefined
  /** A file has begun, which may be long. */
  atFile = false
  /** Whoever looks for the value has gone on without it: from here on it is refused. */
  sealed = false
  readonly #name: string
  readonly #delimiter: Buffer
  #pending: Buffer = Buffer.alloc(0)
  /** Of the first pending byte, in the form. */
  #offset = 0
  #state: State = 'start'
  #wanted = false

  constructor(boundary: string, name: string) {
    this.#delimiter = Buffer.from(`--${boundary}`)
    this.#name = name
  }

  push(chunk: Buffer): void {
    this.#pending = this.#pending.length === 0 ? chunk : Buffer.concat([this.#pending, chunk])
    while (this.#step());
  }

  /** No more bytes will come. */
  end(): void {
    if (this.#state !== 'over') throw malformed('it ends before its last boundary')
  }

  /** True while there is more to see in what is pending. */
  #step(): boolean {
    if (this.#state === 'head') return this.#head()
    if (this.#state === 'body') return this.#body()
    if (this.#state === 'over') return this.#epilogue()
    if (this.#pending.length < this.#delimiter.length + 2) return false
    if (this.#pending.indexOf(this.#delimiter) !== 0) throw malformed('it does not begin with its boundary')
    return this.#boundary(0)
  }

  /** Past the delimiter at this place: into the next part's headers, or to the end. */
  #boundary(at: number): boolean {
    const after = at + this.#delimiter.length
    if (this.#pending.length < after + 2) return false
    const mark = this.#pending.toString('latin1', after, after + 2)
    if (mark !== CRLF && mark !== '--') throw malformed('its boundary stands inside a part')
    this.#state = mark === CRLF ? 'head' : 'over'
    // The line end before the first header belongs to it, so that a part without headers has an empty one.
    this.#drop(mark === CRLF ? after : after + 2)
    return true
  }

  #head(): boolean {
    const end = this.#pending.indexOf(HEAD_END)
    if (end > MOST_HEAD || (end < 0 && this.#pending.length > MOST_HEAD)) throw malformed('the headers of a part are too long')
    if (end < 0) return false
    const { name, file } = partIn(this.#pending.toString('latin1', 0, end))
    this.#wanted = name === this.#name
    if (this.#wanted) this.#refuseAnother(name)
    if (file) this.atFile = true
    this.#state = 'body'
    this.#drop(end + HEAD_END.length)
    return true
  }

  #refuseAnother(name: string): void {
    if (this.found) throw new GatewayError('duplicate_key', `The form has the field ${name} twice: send it once.`, { param: name })
    if (!this.sealed) return
    throw new GatewayError('invalid_value', `The form has the field ${name} after a file: send it before any.`, { param: name })
  }

  #body(): boolean {
    const at = this.#pending.indexOf(this.#delimiter)
    if (at < 0) return this.#keepTail()
    if (this.#pending.length < at + this.#delimiter.length + 2) return false
    if (at < CRLF.length || this.#pending.toString('latin1', at - CRLF.length, at) !== CRLF)
      throw malformed('its boundary stands inside a part')
    if (this.#wanted) this.#take(at - CRLF.length)
    return this.#boundary(at)
  }

  /** What cannot be the beginning of a delimiter and its line end has gone by. */
  #keepTail(): false {
    const tail = this.#delimiter.length + CRLF.length
    if (this.#wanted && this.#pending.length > MOST_VALUE + tail) throw this.#tooLong()
    if (!this.#wanted && this.#pending.length > tail) this.#drop(this.#pending.length - tail)
    return false
  }

  #take(length: number): void {
    if (length > MOST_VALUE) throw this.#tooLong()
    const text = this.#pending.toString('utf8', 0, length)
    if (!/^[^\p{Cc}\ufffd]*$/u.test(text)) throw malformed(`the field ${this.#name} is no plain text`)
    this.found = { start: this.#offset, end: this.#offset + length, text }
  }

  #tooLong(): GatewayError {
    return malformed(`the field ${this.#name} is too long`)
  }

  #epilogue(): false {
    if (this.#pending.length > CRLF.length) throw malformed('something follows its last boundary')
    return false
  }

  #drop(bytes: number): void {
    this.#pending = this.#pending.subarray(bytes)
    this.#offset += bytes
  }
}

function partIn(head: string): { name: string; file: boolean } {
  const dispositions = head.split(CRLF).flatMap((line) => /^content-disposition:[ \t]*(.*)$/i.exec(line)?.[1] ?? [])
  const [, name, filename] = DISPOSITION.exec(dispositions[0] ?? '') ?? []
  if (dispositions.length !== 1 || name === undefined) throw malformed('a part has no plain name')
  return { name, file: filename !== undefined }
}

const malformed = (what: string): GatewayError =>
  new GatewayError('invalid_value', `The multipart form cannot be read: ${what}. Send it as RFC 7578 has it.`)
