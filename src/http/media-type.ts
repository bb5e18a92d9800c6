/** What kind of text a content type names. */

/** How a body is read: as JSON, as an event stream, as any other text; undefined for what is not text. */
export type TextKind = 'json' | 'events' | 'text' | undefined

const JSON_MEDIA_TYPE =
  /(?:^|[/+.-])(?:json|json-seq|jsonl|json-lines|ndjson|x-ndjson|x-ldjson|x-json-stream|json5)$|^application\/x-amz-json-/
const TEXT_TYPE =
  /^text\/|[/+](?:xml|jwt)$|^application\/(?:x-www-form-urlencoded|(?:x-)?(?:javascript|ecmascript|yaml|toml|sh|pem-file)|graphql|sql|csv|http|openmetrics-text)$/
/** Text that may enclose anything: bytes in it that are not text pass through the masks unchanged. */
const ENCLOSING_TYPE = /^(?:multipart|message)\//

/** The kind of text of a `Content-Type`. */
function textKind(contentType: string | null | undefined): TextKind {
  const name = nameOf(contentType)
  if (name === 'text/event-stream') return 'events'
  if (JSON_MEDIA_TYPE.test(name)) return 'json'
  return TEXT_TYPE.test(name) ? 'text' : undefined
}

/** Whether a body of that `Content-Type` is text. */
export function isTextType(contentType: string | null | undefined): boolean {
  return textKind(contentType) !== undefined
}

/**
 * How an answer of that `Content-Type` is masked; undefined for one that is given on as it is. A proxy may add a second
 * type to the server's own: what any of them calls text is text.
 */
export function answerKind(contentType: string | null | undefined): TextKind {
  const types = (contentType ?? '').split(',')
  const kinds = new Set(types.map((type) => (ENCLOSING_TYPE.test(nameOf(type)) ? 'text' : textKind(type))))
  return kinds.size === 1 ? kinds.values().next().value : 'text'
}

function nameOf(contentType: string | null | undefined): string {
  const [name = ''] = (contentType ?? '').toLowerCase().split(';')
  return name.trim()
}
