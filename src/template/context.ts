/** What one reading of a template carries along: where it is, what it has found, and what becomes of a fault. */

import type { GuillemetError } from '../errors.ts'
import type { Kind, Reference } from '../location.ts'
import type { Position, Route, Silenced, UrlNode } from './compiled.ts'
import { templateError } from './errors.ts'
import type { Parser } from './parse.ts'

/** The deepest nesting that is read. */
export const MAX_NESTING = 512
/** The most members, elements and texts that are read. */
export const MAX_MEMBERS = 1_000_000
// an empty key would vanish, and dots and brackets would read as steps
const PLAIN_KEY = /^[^.[\]]+$/

/** What becomes of what is wrong with a template: a compilation throws the first fault, a lint collects them all. */
export interface FaultHandler {
  /** How many faults of one text are wanted. */
  readonly maxFaults: number
  /** Takes a fault; `text` is the text at the error's path, where the fault stands in one. */
  fault(error: GuillemetError, text?: string): void
  /** Takes what is no fault, but perhaps not what was meant; `index`: where in the text that was read last. */
  readonly warn:
    | ((warning: { readonly code: string; readonly message: string }, path: string, index?: number) => void)
    | undefined
  /** Sees every text, and where it stands, before it is read; `isDecoded`: percent-encoded references are read in it. */
  readonly text: ((text: string, context: Context, position: Position, isDecoded?: boolean) => void) | undefined
}

/** The handler of a compilation. */
export const THROW_FIRST: FaultHandler = Object.freeze({
  maxFaults: 1,
  fault(error: GuillemetError): void {
    throw error
  },
  warn: undefined,
  text: undefined,
})

/** The handler of a reading that looks for references only: what is wrong with a template is said elsewhere. */
export const IGNORE_FAULTS: FaultHandler = Object.freeze({
  maxFaults: 1,
  fault(): void {},
  warn: undefined,
  text: undefined,
})

/** One reading of one template. */
export interface Context {
  readonly as: Kind
  readonly parser: Parser
  readonly handler: FaultHandler
  /** Those found so far, in document order. */
  readonly references: Reference[]
  /** The names of their places, as `CompiledTemplate` has them. */
  readonly names: Map<Reference, string>
  /** What a backslash made literal, in the same order. */
  readonly silenced: Silenced[]
  /** Whether entries that are switched off are read as well: what a config holds, not what it sends. */
  readonly isOffRead: boolean
  /** Which percent-encoded references of texts are ours; undefined: none. */
  readonly isEncodedOurs: ((reference: Silenced) => boolean) | undefined
  /** The keys that lead to where the reading is, from the outermost to the innermost. */
  readonly keys: (string | number)[]
  /** The objects that are being read, from the outermost to the innermost. */
  readonly ancestors: object[]
  /** How many members were read. */
  nodes: number
  /** Where the request goes, as far as it was read; undefined for kinds that go nowhere. */
  readonly route: Route | undefined
  /** Instances of `URL` without references in a request, by the key they stand at. */
  readonly fixedUrls: [key: string, url: UrlNode][]
}

/** A reading of a template of that kind, which has not begun. */
export function createContext(
  parser: Parser,
  handler: FaultHandler,
  as: Kind,
  isEncodedOurs?: (reference: Silenced) => boolean,
  isOffRead = false,
): Context {
  const goesSomewhere = as === 'request' || as === 'url'
  const route: Route | undefined = goesSomewhere
    ? {
        targets: [],
        bases: [],
        paths: [],
        parts: new Map(),
        method: 'GET',
        isReadable: true,
        isForeign: false,
        isMethodForeign: false,
        diversion: undefined,
      }
    : undefined
  return {
    as,
    parser,
    handler,
    references: [],
    names: new Map(),
    silenced: [],
    isOffRead,
    isEncodedOurs,
    keys: [],
    ancestors: [],
    nodes: 0,
    route,
    fixedUrls: [],
  }
}

/** Keys from the outermost to the innermost as one path: `headers.X-Key`, `e[0]`, `["a.b"]`, `''` for the whole. */
export function pathOf(keys: readonly (string | number)[]): string {
  let path = ''
  for (const key of keys) {
    if (typeof key === 'number') path += `[${key}]`
    else if (!PLAIN_KEY.test(key)) path += `[${JSON.stringify(key)}]`
    else path = path === '' ? key : `${path}.${key}`
  }
  return path
}

/** Steps into an object of that many members; false, with a fault, when it holds itself, or is too deep or too large. */
export function enter(context: Context, value: object, members: number): boolean {
  const { ancestors } = context
  const wasFull = context.nodes > MAX_MEMBERS
  context.nodes += members
  const rule = ancestors.includes(value)
    ? 'holds itself; remove the cycle'
    : ancestors.length >= MAX_NESTING
      ? `is nested more than ${MAX_NESTING} levels deep; make it flatter`
      : context.nodes > MAX_MEMBERS
        ? `has more than ${MAX_MEMBERS} members; split it`
        : undefined
  if (rule === undefined) ancestors.push(value)
  else if (!wasFull) context.handler.fault(templateError(rule, pathOf(context.keys)))
  return rule === undefined
}
