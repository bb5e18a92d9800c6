/** Everything that is wrong with the text of a template, at once, for the moment when it is saved. */

import type { GuillemetError } from '../errors.ts'
import type { Kind, Reference } from '../location.ts'
import { ownValue, withoutUndefined } from '../plain-object.ts'
import { caretAt } from './caret.ts'
import { READERS } from './compile.ts'
import type { Position, Silenced } from './compiled.ts'
import { type Context, createContext, type FaultHandler, pathOf } from './context.ts'
import { entryName } from './entry-names.ts'
import { writeReference } from './escape.ts'
import { literalsIn } from './literals.ts'
import { lookalikesIn } from './lookalikes.ts'
import { parserOf } from './parse.ts'
import type { Syntax } from './syntax.ts'

/** One thing that is wrong, or looks so. */
export interface Finding {
  /** An error code, or `WARN_…` for a warning of the grammar. */
  readonly code: string
  /** Whether a resolve would fail (`error`), or is only likely to do something else than was meant. */
  readonly severity: 'error' | 'warning'
  /** Keys joined by dots, indexes in brackets; `''` for a text. */
  readonly path: string
  /** One sentence: what is wrong, then what to do. Safe to log. */
  readonly message: string
  /** The secret that it is about; absent where no tag could be read. */
  readonly tag?: string
  /** The tag, field, filter or whole reference that was perhaps meant. */
  readonly suggestion?: string
  /** Within the text at `path`, from 1. */
  readonly line?: number
  /** UTF-16 code units within the line, from 1. */
  readonly column?: number
  /**
   * Two lines for printing: that line with `…` for everything but the reference or near miss, since the rest may hold a
   * literal credential, and a line of carets below it.
   */
  readonly caret?: string
}

/** At most that many faults of one text are listed; the rest of such a text is not read. */
const MAX_FAULTS = 1_000

/** The offset of a finding about no text in particular: it sorts after those of the text before it. */
const AT_END = Number.POSITIVE_INFINITY

/** A finding that is no matter of the grammar, and the reference that it is about. */
export interface MoreFinding {
  readonly finding: Finding
  readonly reference: Reference | undefined
}

/** What a reading of a template has found. */
export interface Linted {
  /** Of the grammar alone, in document order. */
  readonly findings: readonly Finding[]
  readonly references: readonly Reference[]
  readonly names: ReadonlyMap<Reference, string>
  /** What is wrong, these findings among it: in document order, those about no reference last. */
  findingsWith(more: readonly MoreFinding[]): Finding[]
}

interface PlacedFinding {
  readonly finding: Finding
  /** What may be shown of it: what it looks like, or a name in front of what may not be. */
  readonly shown?: { readonly label: string }
  /** The text it stands in, counted in document order. */
  readonly text: number
  /** Its offset in that text. */
  readonly index: number
}

/**
 * Every fault of a template as an error, and what only looks like a reference as a warning; in document order.
 *
 * Never throws for what is wrong with the template.
 *
 * @param isEncodedOurs as for `compile`
 */
export function lint(
  template: unknown,
  as: Kind,
  syntax: Syntax,
  isEncodedOurs?: (reference: Silenced) => boolean,
): Linted {
  const placed: PlacedFinding[] = []
  const texts: string[] = []
  /** How many references there were before each text. */
  const before: number[] = []
  const handler: FaultHandler = {
    maxFaults: MAX_FAULTS,
    fault(error, text) {
      placed.push({
        finding: errorFinding(error),
        text: texts.length - 1,
        index: text === undefined ? AT_END : (ownValue(error, 'index') ?? AT_END),
      })
    },
    warn(warning, path, index = AT_END) {
      placed.push({ finding: { ...warning, severity: 'warning', path }, text: texts.length - 1, index })
    },
    text(text, context, position, isDecoded) {
      texts.push(text)
      before.push(context.references.length)
      for (const each of warningsOf(text, context, position, isDecoded))
        placed.push({ ...each, text: texts.length - 1 })
    },
  }
  const context = createContext(parserOf(syntax), handler, as, isEncodedOurs)
  READERS[as](context, template)
  const { references, names } = context
  const textOf = textsOfReferences(references, before)
  const findingsWith: Linted['findingsWith'] = (more) => {
    const others = more.map(({ finding, reference }) => ({
      finding,
      text: (reference && textOf.get(reference)) ?? texts.length,
      index: reference?.index ?? AT_END,
    }))
    const all = [...placed, ...others].sort((a, b) => a.text - b.text || byOffset(a.index, b.index))
    return withLineAndColumn(all, texts)
  }
  return { findings: findingsWith([]), references: Object.freeze(references), names, findingsWith }
}

/** Which text each reference stands in, counted in document order. */
function textsOfReferences(
  references: readonly Reference[],
  before: readonly number[],
): ReadonlyMap<Reference, number> {
  const texts = new Map<Reference, number>()
  let text = 0
  for (const [index, reference] of references.entries()) {
    while (text + 1 < before.length && before[text + 1]! <= index) text++
    texts.set(reference, text)
  }
  return texts
}

/** Two of which both are at the end are in the order in which they were found. */
function byOffset(one: number, other: number): number {
  return one === other ? 0 : one - other
}

/** What looks like a reference and is not one, and what looks like a credential and should be a reference. */
function warningsOf(
  text: string,
  context: Context,
  position: Position,
  isDecoded: boolean | undefined,
): readonly Omit<PlacedFinding, 'text'>[] {
  const { parser, keys } = context
  const path = pathOf(keys)
  const near = lookalikesIn(text, parser.syntax, isDecoded).map(({ code, message, index, suggestion }) => ({
    finding: withoutUndefined({ code, severity: 'warning', path, message, suggestion }) as Finding,
    index,
  }))
  const last = keys.at(-1)
  const name = position.under?.name ?? entryName(text, context) ?? lastNameIn(keys)
  const isLine =
    typeof last === 'number' &&
    (position.location === 'value' || position.syntax === 'header' || position.syntax === 'env')
  const literals = literalsIn(text, last === undefined ? undefined : name, last === undefined || isLine)
  return [
    ...near,
    ...literals.map(({ index, name: label, tag }) =>
      literalFinding(path, index, label, writeReference(tag, parser.syntax)),
    ),
  ]
}

/** The key that the elements of a list stand under, too. */
function lastNameIn(keys: Context['keys']): string | undefined {
  for (let index = keys.length - 1; index >= 0; index--) {
    const key = keys[index]
    if (typeof key === 'string') return key
  }
  return undefined
}

function literalFinding(path: string, index: number, label: string | undefined, reference: string | undefined) {
  const what =
    label === undefined ? 'What stands here looks like a credential' : `The value of "${label}" looks like a credential`
  const advice = reference === undefined ? 'a reference' : `a reference such as "${reference}"`
  const message = `${what}; store it as a secret, write ${advice}, and renew it if others have read it.`
  const finding = { code: 'WARN_LITERAL_SECRET', severity: 'warning', path, message, suggestion: reference }
  return { finding: withoutUndefined(finding) as Finding, index, shown: { label: label ?? '' } }
}

/** An error as a finding. */
export function errorFinding(error: GuillemetError): Finding {
  const { code, message } = error
  const path = ownValue(error, 'path') ?? ''
  const [tag, suggestion] = [ownValue(error, 'tag'), ownValue(error, 'suggestion')]
  return withoutUndefined({ code, severity: 'error', path, message, tag, suggestion }) as Finding
}

/** Each text is read once, however many findings it has. */
function withLineAndColumn(placed: readonly PlacedFinding[], texts: readonly string[]): Finding[] {
  let current = -1
  let line = 1
  let lineStart = 0
  return placed.map(({ finding, text, index, shown }) => {
    if (index === AT_END) return finding
    if (text !== current) {
      current = text
      line = 1
      lineStart = 0
    }
    const source = texts[text]!
    let lineEnd = source.indexOf('\n', lineStart)
    while (lineEnd >= 0 && lineEnd < index) {
      line++
      lineStart = lineEnd + 1
      lineEnd = source.indexOf('\n', lineStart)
    }
    const caret = caretAt(source, { index, lineStart }, shown === undefined, shown?.label)
    return { ...finding, line, column: index - lineStart + 1, caret }
  })
}
