/**
 * What a form sends back, as a config that can be stored: texts that were typed become secrets, dots mean that a secret
 * is unchanged.
 */

import { randomBytes } from '../crypto/random.ts'
import { GuillemetError } from '../errors.ts'
import type { Reference } from '../location.ts'
import { readOptions } from '../read-options.ts'
import { entryFor } from '../secrets/allowed-location.ts'
import { DEFAULT_LOCATIONS } from '../secrets/denial.ts'
import { normaliseHostRule } from '../secrets/host.ts'
import { holdsMask, isMasked } from '../secrets/masks.ts'
import { DOTS, type SecretInput } from '../secrets/secret.ts'
import { typedFault } from '../secrets/values.ts'
import { suggest } from '../suggest.ts'
import { unexpectedReferences } from '../template/authored.ts'
import { type CompiledTemplate, compile } from '../template/compile.ts'
import { writeReference } from '../template/escape.ts'
import { isHeaderValue } from '../template/headers.ts'
import { DIVERSIONS } from '../template/request.ts'
import { scan } from '../template/scan.ts'
import type { Absorbed, AbsorbOptions } from './api.ts'
import { createSecret } from './change.ts'
import { deadEnd, keysOf, pathOfText, valueAt, withValueAt } from './config-path.ts'
import { findDestination } from './destination.ts'
import { findForCheck } from './find.ts'
import { requireKeyrings, requireOpen, type View } from './view.ts'

const MAX_PATHS = 1_000
/** The members of a config, of any client, that lead somewhere. */
const ROUTING = [
  'url',
  'uri',
  'path',
  'origin',
  'baseURL',
  'baseUrl',
  'prefixUrl',
  'prefix',
  'protocol',
  'hostname',
  'host',
  'port',
]

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
  requireKeyrings(view)
  const { stored, paths } = readOptions(given, 'options of absorb', ['stored', 'paths'], suggest)
  if (!Array.isArray(paths) || paths.length > MAX_PATHS) {
    throw new GuillemetError('ERR_INVALID_INPUT', `The paths must be a list of at most ${MAX_PATHS} paths.`)
  }
  if (stored === undefined) {
    throw new GuillemetError(
      'ERR_INVALID_INPUT',
      'The option stored is missing; give the config as it is stored, or {}.',
    )
  }
  const { config, typed } = readTypedFields(view, submitted, stored, paths)
  // dots that no path leads to would be stored in place of the secret
  const left = pathOfText(config, holdsMask)
  if (left !== undefined)
    throw formFieldError(left, 'holds a mask, and is none of the fields with secrets; add its path')
  const kept = compiled(view, config).references
  requireStoredReferences(kept, compiled(view, stored).references)
  const tags = [...new Set(kept.map(({ tag }) => tag))]
  const origin = originOfConfig(view, config)
  if (!isSamePlace(view, config, stored, origin)) await requireBound(view, tags)
  const absorbed = typed.reduce((copy, { keys, tag }) => withValueAt(copy, keys, referenceIn(view, tag)), config)
  const inputs = inputsFor(typed, compiled(view, absorbed), origin)
  for (const input of inputs) await createSecret(view, input)
  return { config: absorbed, created: inputs.map(({ tag }) => tag), kept: tags }
}

/** The config with unchanged secrets put back, and the texts that were typed. */
function readTypedFields<T>(
  view: View,
  submitted: T,
  stored: unknown,
  paths: readonly string[],
): { readonly config: T; readonly typed: readonly Typed[] } {
  let config = submitted
  const typed: Typed[] = []
  for (const path of new Set(paths)) {
    const keys = keysOf(path)
    const value = textOfField(submitted, path, keys)
    // a field that was emptied has no secret any more
    if (value === '') continue
    const before = valueAt(stored, keys)
    const dotted = typeof before === 'string' ? withDots(view, before) : undefined
    if (dotted !== undefined && (value.trim() === DOTS || value === dotted)) config = withValueAt(config, keys, before)
    else if (isMasked(value))
      throw formFieldError(path, 'holds a mask that was edited, or that stands for nothing; type all of it')
    else if (!holdsTag(view, value)) {
      const fault = typedFault(value)
      if (fault !== undefined) throw formFieldError(path, fault)
      typed.push({ path, keys, value, tag: tagFor(keys) })
    } else if (value !== before && !isTagAlone(view, value)) {
      throw formFieldError(
        path,
        'has text beside a tag; a secret is typed alone, and what an engine fills in stands alone',
      )
    }
  }
  return { config, typed }
}

/** The text of a field; `''` of one that is not there, at the end of a path that could be. */
function textOfField(submitted: unknown, path: string, keys: readonly string[]): string {
  const value = valueAt(submitted, keys)
  const dead = value === undefined ? deadEnd(submitted, keys) : undefined
  if (dead !== undefined) throw formFieldError(path, `is none: the path ${dead}`)
  if (value === undefined || value === null) return ''
  if (typeof value !== 'string') throw formFieldError(path, 'must be a text')
  return value
}

/** The text with dots in place of its references; undefined where it holds none. */
function withDots(view: View, text: string): string | undefined {
  let dotted = ''
  let copied = 0
  for (const { start, end, content } of scan(text, view.root.syntax, 1)) {
    if (content === undefined || content.code !== undefined) continue
    dotted += text.slice(copied, start) + DOTS
    copied = end
  }
  return copied === 0 ? undefined : dotted + text.slice(copied)
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

function originOfConfig(view: View, config: unknown): URL | undefined {
  const template = compiled(view, config)
  return template.hasSecretHost ? undefined : findDestination(template, undefined)?.url
}

/** Whether both configs certainly go to the same place; also where that is known at run time only, but written alike. */
function isSamePlace(view: View, config: unknown, stored: unknown, origin: URL | undefined): boolean {
  const before = originOfConfig(view, stored)
  const diversionsOf = (of: unknown) => JSON.stringify(DIVERSIONS.map((key) => valueAt(of, [key]) ?? null))
  if (diversionsOf(config) !== diversionsOf(stored)) return false
  if (origin !== undefined || before !== undefined) return origin?.origin === before?.origin
  const routeOf = (of: unknown) => JSON.stringify(ROUTING.map((key) => String(valueAt(of, [key]) ?? '')))
  return routeOf(config) === routeOf(stored)
}

/** Somebody who may edit a config must not read a secret by sending a reference to it, or moving one, elsewhere. */
function requireStoredReferences(found: readonly Reference[], stored: readonly Reference[]): void {
  const [first] = unexpectedReferences(found, stored)
  if (first === undefined) return
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
    const record = secrets.entry(tag)?.record
    if (record === undefined || record.info.allow?.hosts !== undefined) continue
    throw new GuillemetError(
      'ERR_INVALID_INPUT',
      `The secret "${tag}" is not bound to a host, and this now goes elsewhere; type its value again.`,
      { tag },
    )
  }
}

/** The secrets to create, each bound to where the config goes and to the place where it stands. */
function inputsFor(
  typed: readonly Typed[],
  { references, names }: Pick<CompiledTemplate, 'references' | 'names'>,
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

/** Speaks of the field that it was made for, and is nobody else's. */
function tagFor(keys: readonly string[]): string {
  const word = (keys.at(-1) ?? '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, 40)
  const random = Array.from(randomBytes(8), (byte) => byte.toString(16).padStart(2, '0')).join('')
  return `${word.replace(/^-|-$/g, '') || 'secret'}-${random}`
}

function formFieldError(path: string, rule: string): GuillemetError {
  return new GuillemetError('ERR_INVALID_INPUT', `The field ${path} ${rule}.`, { path })
}
