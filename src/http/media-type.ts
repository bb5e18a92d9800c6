/** What kind of text a content type names. */

/** How a body is read: as JSON, as an event stream, as any other text; undefined for what is not text. */
export type TextKind = 'json' | 'events' | 'text' | undefined

/** How an answer is masked: as its type says; `sniffed` where only its first bytes tell whether it is text. */
export type AnswerKind = TextKind | 'sniffed'

const JSON_MEDIA_TYPE =
  /(?:^|[/+.-])(?:json|json-seq|jsonl|json-lines|ndjson|x-ndjson|json5)$|^application\/x-amz-json-/
const TEXT_TYPE = /^text\/|[/+]xml$|^application\/(?:x-www-form-urlencoded|(?:x-)?(?:javascript|yaml|toml)|graphql)$/
/** Text that may enclose anything: what is no text in it passes through the masks as it is. */
const ENCLOSING_TYPE = /^(?:multipart|message)\//
/** An answer of these is never looked into: it keeps its length, and can be taken up again where it broke off. */
const BINARY_TYPES: readonly RegExp[] = [
  /^(?:image|audio|video|font)\//,
  /\+(?:zip|gzip|zstd|cbor|ber|der|wbxml|fastinfoset)$/,
  // archives, programs and media
  /^application\/(?:x-|vnd\.)?(?:octet-stream|zip|zip-compressed|gzip|g?tar|compress(?:ed)?|bzip2?|xz|zstd|brotli|7z-compressed|rar(?:-compressed)?)$/,
  /^application\/(?:wasm|java-archive|ogg|mp4|mxf|(?:x-)?font-.*|x-(?:executable|msdownload|debian-package|rpm|iso9660-image|apple-diskimage))$/,
  /^application\/vnd\.(?:android\.package-archive|debian\.binary-package|microsoft\.portable-executable)$/,
  // documents
  /^application\/(?:pdf|msword|vnd\.(?:ms-|openxmlformats-|oasis\.opendocument\.).*)$/,
  // records whose lengths or checksums a mask would break
  /^application\/(?:x-|vnd\.)?(?:google\.)?(?:protobuf|cbor|bson|msgpack|avro|thrift(?:\..*)?|sqlite3)$/,
  /^application\/(?:grpc.*|avro-binary|vnd\.(?:apache\.(?:parquet|arrow\..*|avro|thrift\..*)|amazon\.eventstream))$/,
]

/** The kind of text of a `Content-Type`. */
export function textKind(contentType: string | null | undefined): TextKind {
  const name = nameOf(contentType)
  if (name === 'text/event-stream') return 'events'
  if (JSON_MEDIA_TYPE.test(name)) return 'json'
  return TEXT_TYPE.test(name) ? 'text' : undefined
}

/** Whether a body of that `Content-Type` is text. */
export function isTextType(contentType: string | null | undefined): boolean {
  return textKind(contentType) !== undefined
}

/** How an answer of that `Content-Type` is masked; undefined for one that is given on as it is. */
export function answerKind(contentType: string | null | undefined): AnswerKind {
  const name = nameOf(contentType)
  const kind = ENCLOSING_TYPE.test(name) ? 'text' : textKind(contentType)
  if (kind !== undefined) return kind
  return BINARY_TYPES.some((type) => type.test(name)) ? undefined : 'sniffed'
}

function nameOf(contentType: string | null | undefined): string {
  const [name = ''] = (contentType ?? '').toLowerCase().split(';')
  return name.trim()
}
