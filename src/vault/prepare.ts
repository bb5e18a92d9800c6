import { GuillemetError } from '../errors.ts'
import type { Kind, Reference } from '../location.ts'
import { readOptions, requireBoolean, requireKind, requireOnMissing, requireValid } from '../read-options.ts'
import type { Destination } from '../secrets/denial.ts'
import { suggest } from '../suggest.ts'
import { isAuthored, requireAuthored } from '../template/authored.ts'
import { type CompiledTemplate, compile } from '../template/compile.ts'
import type { Prepared } from './api.ts'
import { findDestination, readDestination } from './destination.ts'
import type { ResolveOptions } from './option-types.ts'
import { crowdedFields } from './per-field.ts'
import { requireSignal } from './signal.ts'
import type { View } from './view.ts'

/** The compiled forms of prepared templates, hidden, and kept no longer than the templates themselves. */
const compiledForms = new WeakMap<object, CompiledTemplate>()

class PreparedTemplate<T> implements Prepared<T> {
  readonly template: T
  readonly as: Kind
  readonly references: readonly Reference[]

  constructor(compiled: CompiledTemplate<T>) {
    this.template = compiled.template
    this.as = compiled.as
    this.references = compiled.references
    compiledForms.set(this, compiled)
    Object.freeze(this)
  }

  toJSON(): T {
    return this.template
  }
}

/** A prepared template is trusted: references in it count also where a URL has encoded them. */
export const everyEncoded = (): boolean => true

/** A template parsed once. */
export function prepare<T>(view: View, template: T, as: Kind): Prepared<T> {
  requireValid(!isPrepared(template), 'The template is already prepared; resolve it as it is.')
  return new PreparedTemplate(compile(template, as, view.root.syntax, everyEncoded))
}

/** Whether this is a template that `prepare` made. */
export function isPrepared(template: unknown): template is Prepared<unknown> {
  return typeof template === 'object' && template !== null && compiledForms.has(template)
}

/** The references of a template; those of a prepared one are known. */
export function referencesOf(view: View, template: unknown, as: Kind): readonly Reference[] {
  return isPrepared(template) ? template.references : compile(template, as, view.root.syntax).references
}

/** One call of a resolve, as it will be carried out. */
export interface ResolveCall<T> {
  readonly compiled: CompiledTemplate<T>
  /** The option, as it was given. */
  readonly option: Destination | undefined
  /** Where it goes; undefined where nobody knows, and while that depends on a secret. */
  readonly destination: Destination | undefined
  readonly onMissing: 'error' | 'keep'
  /** Ends the waiting for the storage. */
  readonly signal: AbortSignal | undefined
  /** Whether the storage is asked past every cache. */
  readonly isFresh: boolean
}

/**
 * A template compiled, with the options of the call checked.
 *
 * @param as the kind, where the name of the call says it
 * @param usual the destination where the options name none
 * @throws ERR_INVALID_INPUT for an unknown option; the syntax errors of the template; ERR_UNEXPECTED_REFERENCE
 */
export function readResolveCall<T>(
  view: View,
  template: T | Prepared<T>,
  given: ResolveOptions | undefined,
  as?: Kind,
  usual?: Destination,
): ResolveCall<T> {
  const options = readResolveOptions(given, as)
  const { authored, onMissing, isFresh } = options
  const option = options.destination ?? usual
  const compiled = compiledFrom(view, template, options)
  if (authored !== undefined) requireAuthored(compiled.references, authored, compiled.silenced)
  if (view.root.perField !== undefined) {
    const [crowded] = crowdedFields(compiled.references)
    if (crowded !== undefined) throw crowded
  }
  return {
    compiled,
    onMissing,
    isFresh,
    option,
    signal: options.signal,
    destination: compiled.hasSecretHost ? undefined : findDestination(compiled, option),
  }
}

/** The options of a resolve, each of its type. */
export interface ReadOptionsOfResolve {
  readonly as: Kind | undefined
  readonly authored: readonly Reference[] | undefined
  readonly onMissing: 'error' | 'keep'
  readonly destination: Destination | undefined
  readonly signal: AbortSignal | undefined
  readonly isFresh: boolean
}

const NAMED_OPTIONS = ['destination', 'onMissing', 'authored', 'fresh', 'signal'] as const
const RESOLVE_OPTIONS = ['as', ...NAMED_OPTIONS] as const

/**
 * The options of a resolve.
 *
 * @param as the kind, where the name of the call says it: then it is not an option
 * @throws ERR_INVALID_INPUT
 */
export function readResolveOptions(given: ResolveOptions | undefined, as?: Kind): ReadOptionsOfResolve {
  if (given === undefined) {
    return { as, authored: undefined, onMissing: 'error', destination: undefined, signal: undefined, isFresh: false }
  }
  const options = readOptions(given, 'options', as === undefined ? RESOLVE_OPTIONS : NAMED_OPTIONS, suggest)
  const { authored } = options
  requireValid(
    authored !== undefined || !Object.hasOwn(options, 'authored'),
    'The option authored is undefined; give the references, or leave it out.',
  )
  return {
    as: as ?? (options.as === undefined ? undefined : requireKind(options.as)),
    authored,
    onMissing: requireOnMissing(options.onMissing),
    destination: readDestination(options.destination),
    signal: requireSignal(options.signal),
    isFresh: requireBoolean(options.fresh, 'fresh'),
  }
}

/** The kind in the options of `references` and `prepare`. */
export function readKindOption(options: { readonly as?: Kind | undefined } | undefined): Kind {
  return requireKind(readOptions(options, 'options', ['as'], suggest).as)
}

function compiledFrom<T>(
  view: View,
  template: T | Prepared<T>,
  { as, authored }: ReadOptionsOfResolve,
): CompiledTemplate<T> {
  const prepared = typeof template === 'object' && template !== null ? compiledForms.get(template) : undefined
  if (prepared === undefined) {
    const isEncodedOurs = authored === undefined ? undefined : isAuthored(authored)
    return compile(template as T, as ?? 'value', view.root.syntax, isEncodedOurs)
  }
  if (as === undefined || as === prepared.as) return prepared as CompiledTemplate<T>
  throw new GuillemetError(
    'ERR_INVALID_INPUT',
    `The template was prepared as '${prepared.as}' and cannot be resolved as another kind; prepare it again.`,
  )
}
