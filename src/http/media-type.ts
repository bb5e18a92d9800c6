/** What kind of text a content type names. */

/** How a body is read: as JSON, as an event stream, as any other text; undefined for what is not text. */
export type TextKind = 'json' | 'events' | 'text' | undefined

const JSON_MEDIA_TYPE =
  /(?:^|[/+.-])(?:json|json-seq|jsonl|json-lines|ndjson|x-ndjson|json5)$|^application\/x-amz-json-/
const TEXT_TYPE = /^text\/|[/+]xml$|^application\/(?:x-www-form-urlencoded|(?:x-)?(?:javascript|yaml|toml)|graphql)$/

/** The kind of text of a `Content-Type`. */
export function textKind(contentType: string | null | undefined): TextKind {
  const [type = ''] = (contentType ?? '').toLowerCase().split(';')
  const name = type.trim()
  if (name === 'text/event-stream') return 'events'
  if (JSON_MEDIA_TYPE.test(name)) return 'json'
  return TEXT_TYPE.test(name) ? 'text' : undefined
}

/** Whether a body of that `Content-Type` is text. */
export function isTextType(contentType: string | null | undefined): boolean {
  return textKind(contentType) !== undefined
}
