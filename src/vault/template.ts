/** Templates as the vault takes them: plain, or prepared; with the options that go with them. */

import { GuillemetError } from '../errors.ts'
import { KINDS, type Kind, type Reference } from '../location.ts'
import { own, readOptions } from '../plain-object.ts'
import type { Destination } from '../secrets/allow.ts'
import { requireAuthored } from '../template/authored.ts'
import { type CompiledTemplate, compile } from '../template/compile.ts'
import type { Lookup } from '../template/values.ts'
import { destinationFor } from './aim.ts'
import type { Prepared, ResolveOptions } from './surface.ts'
import type { View } from './view.ts'

/** The plans of prepared templates, kept from sight and no longer than the templates themselves. */
const plans = new WeakMap<object, CompiledTemplate>()

class PreparedTemplate<T> implements Prepared<T> {
  readonly template: T
  readonly as: Kind
  readonly references: readonly Reference[]

  constructor(plan: CompiledTemplate<T>) {
    this.template = plan.template
    this.as = plan.as
    this.references = plan.references
    plans.set(this, plan)
    Object.freeze(this)
  }

  toJSON(): T {
    return this.template
  }
}

/** A template parsed once. */
export function prepare<T>(view: View, template: T, as: Kind): Prepared<T> {
  if (isPrepared(template)) {
    throw new GuillemetError('ERR_INVALID_INPUT', 'The template is already prepared; resolve it as it is.')
  }
  return new PreparedTemplate(compile(template, as, view.root.delimiters))
}

/** Whether this is a template that `prepare` made. */
export function isPrepared(template: unknown): template is Prepared<unknown> {
  return typeof template === 'object' && template !== null && plans.has(template)
}

/** The references of a template; those of a prepared one are known. */
export function referencesOf(view: View, template: unknown, as: Kind): readonly Reference[] {
  return isPrepared(template) ? template.references : compile(template, as, view.root.delimiters).references
}

/** The options of a resolve as they will be used. */
export interface ResolveRequest<T> {
  readonly plan: CompiledTemplate<T>
  /** The option, as it was given. */
  readonly option: Destination | undefined
  /** Where it goes; undefined where nobody knows, and while that hangs on a secret. */
  readonly destination: Destination | undefined
  readonly onMissing: 'error' | 'keep'
}

const KNOWN: readonly (keyof ResolveOptions)[] = ['as', 'destination', 'onMissing', 'authored']
const DEFAULTS = { as: undefined, authored: undefined, onMissing: 'error', destination: undefined } as const

/**
 * The plan of a template, with its options checked.
 *
 * @throws ERR_INVALID_INPUT for an unknown option; the syntax errors of the template; ERR_UNEXPECTED_REFERENCE
 */
export function readRequest<T>(
  view: View,
  template: T | Prepared<T>,
  given: ResolveOptions | undefined,
): ResolveRequest<T> {
  const { as, authored, onMissing, destination: option } = readResolveOptions(given)
  const plan = planOf(view, template, as)
  if (authored !== undefined) requireAuthored(plan.references, authored)
  const isOpen = plan.route !== undefined && plan.references.some(isInHost)
  return { plan, onMissing, option, destination: isOpen ? undefined : destinationFor(plan, option, unknown) }
}

const unknown: Lookup = () => undefined

/** Whether the reference decides where the request goes. */
export function isInHost({ location }: Reference): boolean {
  return location === 'host'
}

/** The options of a resolve, each of its type. */
export function readResolveOptions(given: ResolveOptions | undefined): {
  readonly as: Kind | undefined
  readonly authored: readonly Reference[] | undefined
  readonly onMissing: 'error' | 'keep'
  readonly destination: Destination | undefined
} {
  if (given === undefined) return DEFAULTS
  if (isKindAlone(given))
    return { as: readKindIfGiven(given.as), authored: undefined, onMissing: 'error', destination: undefined }
  const options = readOptions(given, 'options', KNOWN)
  const { as, authored, onMissing = 'error', destination } = options
  if (authored === undefined && Object.hasOwn(options, 'authored')) {
    throw new GuillemetError(
      'ERR_INVALID_INPUT',
      'The option authored is undefined; give the references, or leave it out.',
    )
  }
  if (onMissing !== 'error' && onMissing !== 'keep') {
    throw new GuillemetError('ERR_INVALID_INPUT', "The option onMissing must be 'error' or 'keep'.")
  }
  return { as: readKindIfGiven(as), authored, onMissing, destination: readDestination(destination) }
}

/** What almost every resolve is given, and what needs no copy to be read by own key. */
function isKindAlone(given: ResolveOptions): boolean {
  if (typeof given !== 'object' || given === null) return false
  const keys = Object.keys(given)
  return keys.length === 1 && keys[0] === 'as'
}

function readKindIfGiven(as: unknown): Kind | undefined {
  return as === undefined ? undefined : readKind(as)
}

function planOf<T>(view: View, template: T | Prepared<T>, as: Kind | undefined): CompiledTemplate<T> {
  const prepared = typeof template === 'object' && template !== null ? plans.get(template) : undefined
  if (prepared === undefined) return compile(template as T, as ?? 'value', view.root.delimiters)
  if (as !== undefined && as !== prepared.as) {
    throw new GuillemetError(
      'ERR_INVALID_INPUT',
      `The template was prepared as '${prepared.as}' and cannot be resolved as another kind; prepare it again.`,
    )
  }
  return prepared as CompiledTemplate<T>
}

/** The kind that was asked for. */
export function readKind(as: unknown): Kind {
  if (as === undefined) return 'value'
  if ((KINDS as readonly unknown[]).includes(as)) return as as Kind
  throw new GuillemetError('ERR_INVALID_INPUT', `The option as must be one of ${KINDS.join(', ')}.`)
}

function readDestination(given: ResolveOptions['destination']): Destination | undefined {
  if (given === undefined) return undefined
  if (typeof given === 'string' || given instanceof URL) return { url: readUrl(given) }
  const { url, method } = readOptions(given, 'destination', ['url', 'method'])
  if (typeof method !== 'string' || method === '') {
    throw new GuillemetError('ERR_INVALID_INPUT', 'The destination needs a method such as GET beside its url.')
  }
  return { url: readUrl(url), method }
}

function readUrl(given: unknown): URL {
  try {
    if (typeof given === 'string' || given instanceof URL) return new URL(given)
  } catch {
    // the URL may hold anything: the error below does not repeat it
  }
  throw new GuillemetError('ERR_INVALID_INPUT', 'The destination must be an absolute URL.')
}

/** The tags of references, each once, in document order. */
export function tagsOf(references: readonly Reference[]): readonly string[] {
  return [...new Set(references.map(({ tag }) => tag))]
}

/** The kind in the options of `references` and `prepare`. */
export function readKindOption(options: { readonly as?: Kind } | undefined): Kind {
  return readKind(own(readOptions(options, 'options', ['as']), 'as'))
}
