/** The errors of templates: what happened, then what to do; none repeats a text or a value. */

import { GuillemetError, type MissingReference } from '../errors.ts'
import { ownValue } from '../plain-object.ts'
import { suggest } from '../suggest.ts'
import { FILTERS } from './filter-names.ts'
import type { InvalidReference } from './grammar.ts'

/** How many missing references a message names; the field `missing` has them all. */
const MAX_NAMED = 5

/** UTF-16 code units of a path that a message shows; the field `path` has all of it. */
const MAX_SHOWN_PATH = 200

/** `" at headers.Authorization"`, or nothing for a template that is itself a text. */
export function at(path: string): string {
  if (path === '') return ''
  return ` at ${path.length > MAX_SHOWN_PATH ? `${path.slice(0, MAX_SHOWN_PATH)}…` : path}`
}

/** A text that starts like one of our references and does not parse. */
export function syntaxError({ code, filter }: InvalidReference, index: number, path: string): GuillemetError {
  if (code === 'ERR_UNCLOSED_REFERENCE') {
    return new GuillemetError(
      code,
      `The reference${at(path)}, offset ${index}, has no closing delimiter; close it, or put a backslash before it.`,
      { index, path },
    )
  }
  if (code === 'ERR_UNKNOWN_FILTER') {
    const suggestion = suggest(filter!, FILTERS)
    return new GuillemetError(
      code,
      `There is no filter "${filter}"${at(path)}; ${suggestion ? `did you mean "${suggestion}"?` : `known are ${FILTERS.join(', ')}.`}`,
      { filter, index, path, suggestion },
    )
  }
  return new GuillemetError(
    code,
    `The reference${at(path)}, offset ${index}, is malformed; write "secrets.tag" or "secrets.tag.field" and filters after "|", or put a backslash before it.`,
    { index, path },
  )
}

/** A reference at a place where references are never resolved. */
export function keyError(tag: string | undefined, index: number, path: string): GuillemetError {
  return new GuillemetError(
    'ERR_REFERENCE_IN_KEY',
    `A reference stands in a key, a name or a header that is never resolved${at(path)}; put it into a value.`,
    { index, path, tag },
  )
}

/** A reference in what is not looked into: it would be sent as it stands. */
export function opaqueError(path: string): GuillemetError {
  return new GuillemetError(
    'ERR_OPAQUE_VALUE',
    `The value${at(path)} is bytes or an object of a class that is not looked into, and holds a reference; give it as text or plain data.`,
    { path },
  )
}

/** A template that cannot be read. */
export function templateError(rule: string, path: string, index?: number): GuillemetError {
  return new GuillemetError('ERR_INVALID_INPUT', `The template${at(path)} ${rule}.`, { path, index })
}

/** A header value that no client would send as it is. */
export function headerError(tag: string, path: string, rule: string): GuillemetError {
  return new GuillemetError('ERR_UNSAFE_HEADER_VALUE', `With "${tag}" the value${at(path)} ${rule}.`, { tag, path })
}

/** A user name with a colon, which would end it (RFC 7617 §2). */
export function userNameError(tag: string, path: string): GuillemetError {
  return headerError(tag, path, 'would have a colon in its user name, which RFC 7617 forbids; store one without')
}

/** An environment value that would be cut off. */
export function envError(tag: string, path: string): GuillemetError {
  return new GuillemetError(
    'ERR_UNSAFE_ENV_VALUE',
    `With "${tag}" the value${at(path)} holds NUL, where an environment would cut it off; use base64.`,
    { tag, path },
  )
}

/** A value that would change what a URL means. */
export function urlError(tag: string, path: string, rule: string): GuillemetError {
  return new GuillemetError('ERR_UNSAFE_URL_VALUE', `The secret "${tag}" in the URL${at(path)} ${rule}.`, { tag, path })
}

/** A value that is not what its look-up promised. */
export function valueError(tag: string, path: string, rule: string): GuillemetError {
  return new GuillemetError('ERR_INVALID_INPUT', `The value of "${tag}"${at(path)} ${rule}.`, { tag, path })
}

/** A secret with fields where one value is needed, or without those that a filter needs. */
export function fieldError(tag: string, path: string, fields: readonly string[] | null, rule: string): GuillemetError {
  return new GuillemetError('ERR_FIELD_REQUIRED', `The secret "${tag}"${at(path)} ${rule}.`, {
    tag,
    path,
    fields: fields ?? [],
  })
}

/** One error that lists every missing occurrence; `hint` is a sentence after it, after a space. */
export function missingError(missing: readonly MissingReference[], hint = ''): GuillemetError {
  const named = missing.slice(0, MAX_NAMED).map(missingName)
  const more = missing.length > MAX_NAMED ? ` and ${missing.length - MAX_NAMED} more` : ''
  const fields = missing.filter((entry) => Object.hasOwn(entry, 'field')).length
  const what = fields === 0 ? 'secret' : fields === missing.length ? 'field of a secret' : 'secret or field'
  const advice = fields === missing.length ? 'correct the reference' : 'create it, or correct the reference'
  return new GuillemetError('ERR_MISSING_SECRETS', `No such ${what}: ${named.join(', ')}${more}; ${advice}.${hint}`, {
    missing,
  })
}

function missingName(entry: MissingReference): string {
  const { tag, path } = entry
  const field = ownValue(entry, 'field')
  const suggestion = ownValue(entry, 'suggestion')
  const isDeleted = ownValue(entry, 'isDeleted')
  const name = `"${field === undefined ? tag : `${tag}.${field}`}"${at(path)}`
  if (ownValue(entry, 'hasNoFields')) return `${name} ("${tag}" is one text and has no fields)`
  if (isDeleted) return `${name} (it was deleted in this environment)`
  return suggestion === undefined ? name : `${name} (did you mean "${suggestion}"?)`
}

/** The error of a snapshot, of secrets that were not taken: whether they exist it does not know. */
export function notTakenError(error: GuillemetError, suggestions: ReadonlyMap<string, string>): GuillemetError {
  const missing = withSuggestions(error, suggestions).missing!
  const named = missing.slice(0, MAX_NAMED).map(missingName).join(', ')
  const message = `The snapshot was taken without ${named}; take one that names it, a new one if it was stored since, or correct the reference.`
  return new GuillemetError('ERR_MISSING_SECRETS', message, { missing })
}

/** The same error with the tags that were perhaps meant by missing ones. */
export function withSuggestions(
  { missing = [] }: GuillemetError,
  suggestions: ReadonlyMap<string, string>,
  hint?: string,
): GuillemetError {
  return missingError(
    missing.map((entry) => {
      if (['field', 'suggestion', 'isDeleted'].some((key) => Object.hasOwn(entry, key))) return entry
      const suggestion = suggestions.get(entry.tag)
      return suggestion === undefined ? entry : { ...entry, suggestion }
    }),
    hint,
  )
}
