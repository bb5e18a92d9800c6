/**
 * What a form sends back, as a config that can be stored: texts that were typed become secrets, dots mean that a secret
 * is unchanged.
 */

import { randomBytes } from '../crypto/random.ts'
import { GuillemetError } from '../errors.ts'
import type { Reference } from '../location.ts'
import { isPlainObject } from '../plain-object.ts'
import { readOptions, requireValid } from '../read-options.ts'
import { entryFor } from '../secrets/allowed-location.ts'
import { DEFAULT_LOCATIONS } from '../secrets/denial.ts'
import { normaliseHostRule } from '../secrets/host.ts'
import { holdsMask, isMasked } from '../secrets/masks.ts'
import { DOTS, type SecretInput } from '../secrets/secret.ts'
import { typedFault } from '../secrets/values.ts'
import { suggest } from '../suggest.ts'
import { unexpectedReferences } from '../template/authored.ts'
import { type CompiledTemplate, compile, heldReferences } from '../template/compile.ts'
import { writeReference } from '../template/escape.ts'
import { isHeaderValue } from '../template/headers.ts'
import { rowNames } from '../template/name-value-pairs.ts'
import { NAMED_VALUES } from '../template/request.ts'
import { nameIn, scan } from '../template/scan.ts'
import type { Absorbed, AbsorbOptions } from './api.ts'
import { createSecret } from './change.ts'
import { deadEnd, keysOf, pathOfText, valueAt, whileReading, withValueAt } from './config-path.ts'
import { findForCheck } from './find.ts'
import { isSamePlace, originOfConfig } from './same-place.ts'
import { StoredParts } from './stored-parts.ts'
import { referenceFor, sentAsTyped } from './typed-reference.ts'
import { requireKeyrings, requireOpen, type View } from './view.ts'

const MAX_PATHS = 1_000
const MOVED =
  'stands in a row, or an element of a list, that is not the one that was stored under this name; type its value again'
/** No path of a reference. */
const NOWHERE = '['

/** A text that becomes a secret. */
interface Typed {
  readonly path: string
  readonly keys: readonly string[]
  readonly value: string
  readonly tag: string
}

/** The config to store; nothing is created before all of it is found to be right. */
export async function absorb<T>(view: View, submitted: T, given: AbsorbOptions): Promise<Absorbed<T>> {
  requireOpen(view)
  const { stored, paths } = readOptions(given, 'options of absorb', ['stored', 'paths'], suggest)
  const isList = Array.isArray(paths) && paths.length <= MAX_PATHS
  requireValid(isList, `The paths must be a list of at most ${MAX_PATHS} paths.`)
  requireValid(stored !== undefined, 'The option stored is missing; give the config as it is stored, or {}.')
  const { config, parts, typed } = whileReading('config', () => readTypedFields(view, submitted, { stored, paths }))
  // what only stays is neither opened nor sealed
  if (typed.length > 0) requireKeyrings(view)
  // dots that no path leads to would be stored in place of the secret
  const left = pathOfText(config, holdsMask)
  if (left !== undefined) throw formFieldError(left, 'holds a mask, but is not among `paths`; add it')
  compiled(view, config) // what is no request is refused
  const kept = held(view, config)
  requireStoredReferences(kept, held(view, stored), parts)
  const tags = [...new Set(kept.references.map(({ tag }) => tag))]
  const origin = originOfConfig(view, config)
  if (!isSamePlace(view, config, stored, origin)) await requireBound(view, tags)
  const bare = typed.reduce((copy, { keys, tag }) => withValueAt(copy, keys, referenceIn(view, tag)), config)
  const inputs = inputsFor(typed, held(view, bare), origin)
  // mostly all are right as they are: to read the config again for each of a thousand fields would take seconds
  const right = sentAsTyped(bare, view.root.syntax, typed)
  const others = typed.filter((field) => !right.has(field))
  const absorbed = others.reduce((copy, field) => withReference(view, copy, config, field), bare)
  compiled(view, absorbed)
  for (const input of inputs) await createSecret(view, input)
  return { config: absorbed, created: inputs.map(({ tag }) => tag), kept: tags }
}

/** Fields are found, and places compared, in plain data only. */
function requireData(config: unknown): void {
  const isData = typeof config !== 'object' || isPlainObject(config)
  requireValid(isData, 'The configs of absorb must be plain objects, as JSON gives them.')
}

/** The config with unchanged secrets put back, where its parts were stored, and the texts that were typed. */
function readTypedFields<T>(
  view: View,
  submitted: T,
  { stored, paths }: AbsorbOptions,
): { readonly config: T; readonly parts: StoredParts; readonly typed: readonly Typed[] } {
  requireData(submitted)
  requireData(stored)
  const dotted = (text: string) => withDots(view, text) ?? maskedText(text)
  const parts = new StoredParts(submitted, stored, paths.map(keysOf), dotted)
  let config = submitted
  const typed: Typed[] = []
  for (const path of new Set(paths)) {
    const keys = keysOf(path)
    const value = textOfField(submitted, path, keys)
    // a field that was emptied has no secret any more
    if (value === '') continue
    const storedKeys = parts.keysOf(keys)
    const before = storedKeys && valueAt(stored, storedKeys)
    const shown = typeof before === 'string' ? withDots(view, before) : undefined
    if (shown !== undefined && (value.trim() === DOTS || value === shown)) config = withValueAt(config, keys, before)
    else if (isMasked(value) && storedKeys === undefined) throw formFieldError(path, MOVED)
    else if (isMasked(value))
      throw formFieldError(
        path,
        'holds a mask that was edited, or that replaces no stored secret; type the whole value',
      )
    else if (!holdsTag(view, value)) {
      const fault = typedFault(value)
      if (fault !== undefined) throw formFieldError(path, fault)
      typed.push({ path, keys, value, tag: tagFor(fieldName(submitted, keys)) })
    } else if (value !== before && !isTagAlone(view, value)) {
      throw formFieldError(path, 'mixes text with a reference; give either a whole value or a single reference')
    }
  }
  return { config, parts, typed }
}

/** The text of a field; `''` of one that is not there, at the end of a path that could be. */
function textOfField(submitted: unknown, path: string, keys: readonly string[]): string {
  const value = valueAt(submitted, keys)
  const dead = value === undefined ? deadEnd(submitted, keys) : undefined
  if (dead !== undefined) throw formFieldError(path, `is not there: its path ${dead}`)
  if (value === undefined || value === null) return ''
  if (typeof value !== 'string') throw formFieldError(path, 'must be a text')
  return value
}

/** The text with dots in place of its references; undefined where it holds none. */
function withDots(view: View, text: string): string | undefined {
  let dotted = ''
  let copied = 0
  for (const cut of scan(text, view.root.syntax, 1)) {
    if (nameIn(cut) === undefined) continue
    dotted += text.slice(copied, cut.start) + DOTS
    copied = cut.end
  }
  return copied === 0 ? undefined : dotted + text.slice(copied)
}

function maskedText(text: string): string | undefined {
  return holdsMask(text) ? text : undefined
}

/** Whether something is put into the text later: a reference of ours, or a tag of the engine's own. */
function holdsTag(view: View, text: string): boolean {
  return view.root.syntax.delimiters.some(([open, close]) => {
    const at = text.indexOf(open)
    return at >= 0 && text.includes(close, at + open.length)
  })
}

/** Whether all of the text, but for a scheme such as `Bearer`, is one tag. */
function isTagAlone(view: View, text: string): boolean {
  return view.root.syntax.delimiters.some(([open, close]) => {
    const tag = text.trim().replace(/^[A-Za-z-]{1,32}\s+/, '')
    return tag.startsWith(open) && tag.indexOf(close) === tag.length - close.length
  })
}

function compiled(view: View, config: unknown) {
  return compile(config, 'request', view.root.syntax)
}

/** The config with a reference at the field, by which exactly the text is sent that was typed. */
function withReference<T>(view: View, copy: T, config: T, { path, keys, tag, value }: Typed): T {
  const { syntax } = view.root
  const reference = referenceFor(syntax, (text) => withValueAt(config, keys, text), { keys, tag, value })
  if (reference !== undefined) return withValueAt(copy, keys, reference)
  throw formFieldError(path, 'cannot be a secret as a whole there; give the secret part a field of its own')
}

type Held = Pick<CompiledTemplate, 'references' | 'names'>

/** What is in a config, also in its entries that are switched off: they may be switched on again. */
function held(view: View, config: unknown): Held {
  return heldReferences(config, 'request', view.root.syntax)
}

/** Somebody who may edit a config must not read a secret by sending a reference to it, or moving one, elsewhere. */
function requireStoredReferences(found: Held, stored: Held, parts: StoredParts): void {
  // in a URL or a body of text another parameter or member has the same path
  const placed = (reference: Reference, { names }: Held, path = NOWHERE): Reference => {
    return { ...reference, path: JSON.stringify([path, names.get(reference)]) }
  }
  const sources = new Map(
    found.references.map((reference) => [placed(reference, found, parts.pathOf(reference.path)), reference]),
  )
  const before = stored.references.map((reference) => placed(reference, stored, reference.path))
  const [unexpected] = unexpectedReferences([...sources.keys()], before)
  if (unexpected === undefined) return
  const first = sources.get(unexpected)!
  throw new GuillemetError(
    'ERR_INVALID_INPUT',
    `The reference to "${first.tag}" was not there when this was stored; type the value, or leave what was there.`,
    { tag: first.tag, path: first.path },
  )
}

async function requireBound(view: View, tags: readonly string[]): Promise<void> {
  if (tags.length === 0) return
  const secrets = await findForCheck(view, tags, false)
  for (const tag of tags) {
    // one that is not here may be there where this is used, in another environment or later, and be bound to nothing
    if (secrets.entry(tag)?.record?.info.allow?.hosts !== undefined) continue
    throw new GuillemetError(
      'ERR_INVALID_INPUT',
      `The secret "${tag}" is not known to be bound to a host, and this goes elsewhere now; type its value again.`,
      { tag },
    )
  }
}

/** The secrets to create, each bound to where the config goes and to the place where it stands. */
function inputsFor(
  typed: readonly Typed[],
  { references, names }: Held,
  origin: URL | undefined,
): readonly SecretInput[] {
  return typed.map(({ path, value, tag }) => {
    const host = origin && normaliseHostRule(origin.origin)
    if (host === undefined)
      throw formFieldError(path, 'can only be stored for a URL whose host is known; give a whole one')
    const reference = references.find((each) => each.tag === tag)
    if (reference === undefined) throw formFieldError(path, 'is not a place of a request where a secret can stand')
    const { location } = reference
    // nobody can write a filter for a secret that a form has made
    if (location === 'header' && !isHeaderValue(value)) {
      throw formFieldError(path, 'has a blank at an end, or a character that no header carries; type it without')
    }
    const entry = entryFor(location, names.get(reference))
    return {
      tag,
      value,
      allow: DEFAULT_LOCATIONS.includes(location) ? { hosts: [host] } : { hosts: [host], in: [entry] },
    }
  })
}

function referenceIn({ root }: View, tag: string): string {
  return writeReference(tag, root.syntax)!
}

/** What a field is called: the name of its row, or the last key that is no index. */
function fieldName(submitted: unknown, keys: readonly string[]): string {
  const [member = '', index] = keys
  const list = NAMED_VALUES.includes(member) ? valueAt(submitted, [member]) : undefined
  const row = Array.isArray(list) ? rowNames(list, member === 'headers')[Number(index)] : undefined
  return row ?? keys.filter((key) => !/^\d+$/.test(key)).at(-1) ?? ''
}

/** Speaks of the field that it was made for, and is nobody else's. */
function tagFor(name: string): string {
  const word = name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, 40)
  const random = Array.from(randomBytes(8), (byte) => byte.toString(16).padStart(2, '0')).join('')
  return `${word.replace(/^-|-$/g, '') || 'secret'}-${random}`
}

function formFieldError(path: string, rule: string): GuillemetError {
  return new GuillemetError('ERR_INVALID_INPUT', `The field ${path} ${rule}.`, { path })
}
