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

function isSentAs<T>(config: T, syntax: Syntax, { keys, tag, value }: TypedText): boolean {
  try {
    const template: CompiledTemplate<T> = compile(config, 'request', syntax)
    // an entry that is switched off is sent by nobody, and no text that is encoded stands in one
    if (!template.tags.includes(tag)) return true
    const sent = render(template, (each) => (each === tag ? value : undefined), 'keep')
    return valueAt(sent, keys) === value
  } catch {
    // a value that cannot stand there, such as half of a URL
    return false
  }
}
