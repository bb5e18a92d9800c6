/** Leaves alone what a text holds of references that are not to be resolved. */

import { backslashesBefore } from '../encode/quote.ts'
import type { Cut } from '../template/scan.ts'

/**
 * The text as a template in which only some of its references are left: every other, and what only starts like one, gets
 * the backslash that makes it literal, so that it comes out as it went in.
 *
 * @param cuts what the grammar found in the text
 * @param isWanted asked for each reference that parses, by its number
 */
export function withOnly(text: string, cuts: readonly Cut[], isWanted: (number: number) => boolean): string {
  let escaped = ''
  let copied = 0
  let number = 0
  for (const { index, content } of cuts) {
    const isWhole = content !== undefined && content.code === undefined
    if (isWhole && isWanted(number++)) continue
    escaped += text.slice(copied, index) + '\\'.repeat(backslashesBefore(text, index, 0) + 1)
    copied = index
  }
  return escaped + text.slice(copied)
}

/** The text as a template in which it is nothing but text. @param cuts what the grammar found in it */
export function asLiteral(text: string, cuts: readonly Cut[]): string {
  return withOnly(text, cuts, () => false)
}

/** The tag that a cut names; undefined for one that does not parse. */
export function tagOf({ content }: Cut): string | undefined {
  return content?.code === undefined ? content?.tag : undefined
}
