/** Everything that is wrong with a template's text, at once, for the moment when it is saved. */

import type { GuillemetError } from '../errors.ts'
import type { Delimiters, Kind, Reference } from '../location.ts'
import { ownValue } from '../plain-object.ts'
import { readTemplate } from './compile.ts'
import { createContext, type FaultHandler, pathOf } from './context.ts'
import { lookalikesIn } from './lookalikes.ts'
import { parserOf } from './parse.ts'

/** One thing that is wrong, or looks so. */
export interface Finding {
  /** An error code, or `WARN_…` for a warning of the grammar. */
  readonly code: string
  readonly severity: 'error' | 'warning'
  /** Keys joined by dots, indexes in brackets; `''` for a text. */
  readonly path: string
  readonly message: string
  readonly tag?: string
  readonly suggestion?: string
  /** Within the text at `path`, from 1. */
  readonly line?: number
  /** UTF-16 code units within the line, from 1. */
  readonly column?: number
}

/** Faults of one text that are listed; the rest of a text with more is not read. */
const MAX_FAULTS = 1_000

/** Sorts behind the findings of the text before it. */
const NOWHERE = Number.POSITIVE_INFINITY

interface Draft {
  readonly finding: Finding
  /** Which text it stands in, in document order, and where; `NOWHERE` for what stands in no text. */
  readonly text: number
  readonly index: number
}

/**
 * Every fault of a template as an error, and what looks like a reference and is none as a warning; in document order.
 *
 * Never throws for what is wrong with the template.
 *
 * @param delimiters what `checkDelimiters` returned
 */
export function lint(
  template: unknown,
  as: Kind,
  delimiters: readonly Delimiters[],
): { readonly findings: Finding[]; readonly references: readonly Reference[] } {
  const drafts: Draft[] = []
  const texts: string[] = []
  const handler: FaultHandler = {
    maxFaults: MAX_FAULTS,
    fault(error, text) {
      drafts.push({
        finding: errorFinding(error),
        text: texts.length - 1,
        index: text === undefined ? NOWHERE : (ownValue(error, 'index') ?? NOWHERE),
      })
    },
    text(text, context) {
      texts.push(text)
      for (const { index, ...warning } of lookalikesIn(text, context.parser.delimiters)) {
        drafts.push({
          finding: { ...warning, severity: 'warning', path: pathOf(context.keys) },
          text: texts.length - 1,
          index,
        })
      }
    },
  }
  const context = createContext(parserOf(delimiters), handler, as)
  readTemplate(context, template, as)
  drafts.sort((a, b) => a.text - b.text || a.index - b.index)
  return { findings: withPlaces(drafts, texts), references: Object.freeze(context.references) }
}

function errorFinding(error: GuillemetError): Finding {
  const { code, message } = error
  const tag = ownValue(error, 'tag')
  const suggestion = ownValue(error, 'suggestion')
  return {
    code,
    severity: 'error',
    path: ownValue(error, 'path')!,
    message,
    ...(tag !== undefined && { tag }),
    ...(suggestion !== undefined && { suggestion }),
  }
}

/** Adds line and column; each text is read once, whatever the number of its findings. */
function withPlaces(drafts: readonly Draft[], texts: readonly string[]): Finding[] {
  let current = -1
  let line = 1
  let lineStart = 0
  return drafts.map(({ finding, text, index }) => {
    if (index === NOWHERE) return finding
    if (text !== current) {
      current = text
      line = 1
      lineStart = 0
    }
    const source = texts[text]!
    for (
      let next = source.indexOf('\n', lineStart);
      next >= 0 && next < index;
      next = source.indexOf('\n', lineStart)
    ) {
      line++
      lineStart = next + 1
    }
    return { ...finding, line, column: index - lineStart + 1 }
  })
}
