/** How a reference is written that stands for a whole text which somebody has typed. */

import { type CompiledTemplate, compile, type Syntax } from '../template/compile.ts'
import { writeReference } from '../template/escape.ts'
import { render } from '../template/render.ts'
import { valueAt } from './config-path.ts'

/** A text in a config, and the tag that its secret will have. */
interface TypedText {
  readonly keys: readonly string[]
  readonly tag: string
  readonly value: string
}

/**
 * The reference by which exactly the typed text is sent; undefined where none does that.
 *
 * What was typed is a whole body, query or path, encoded already: a bare reference would have it encoded once more.
 *
 * @param withText the config with another text at the keys
 */
export function referenceFor<T>(syntax: Syntax, withText: (text: string) => T, typed: TypedText): string | undefined {
  return [typed.tag, `${typed.tag} | raw`]
    .map((name) => writeReference(name, syntax)!)
    .find((reference) => isSentAs(withText(reference), syntax, typed))
}

function isSentAs<T>(config: T, syntax: Syntax, typed: TypedText): boolean {
  return sentAsTyped(config, syntax, [typed]).size === 1
}

/** Those of the texts that the references in a config send as they were typed; none where it cannot be resolved. */
export function sentAsTyped<T, Text extends TypedText>(
  config: T,
  syntax: Syntax,
  typed: readonly Text[],
): ReadonlySet<Text> {
  try {
    const template: CompiledTemplate<T> = compile(config, 'request', syntax)
    const values = new Map(typed.map(({ tag, value }) => [tag, value]))
    const sent = render(template, (tag) => values.get(tag), 'keep')
    const used = new Set(template.tags)
    // an entry that is switched off is sent by nobody, and no text that is encoded stands in one
    return new Set(typed.filter(({ keys, tag, value }) => !used.has(tag) || valueAt(sent, keys) === value))
  } catch {
    // a value that cannot stand there, such as half of a URL
    return new Set()
  }
}
