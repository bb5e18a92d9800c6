/** Beside: what stands around a window tells most needles that have it from the one that is meant, before more is read. */

import { foldings } from './fold.ts'
import { ELSE, follow, isBorder, LONGEST_ESCAPE, read } from './follow.ts'
import type { Anchor, Needle } from './needle.ts'

/** How much of the text is read on each side. */
const SIDE = 96
/** As many characters before a window tell most of the time whether it is the needle's. */
const ENOUGH = 8

/** What stands before and behind a place, each in its readings. */
export interface Beside {
  readonly before: readonly string[]
  readonly behind: readonly string[]
}

/** What stands beside the place. */
export function besideOf(text: string, place: number): Beside {
  const before = text.slice(Math.max(0, place - SIDE), place)
  const behind = text.slice(place, place + SIDE)
  // where a part begins or ends an escape may be cut off
  const end = behind.length < SIDE ? SIDE : -LONGEST_ESCAPE
  return {
    before: foldings(before).map((folded) => folded.text.slice(LONGEST_ESCAPE)),
    behind: foldings(behind).map((folded) => folded.text.slice(0, end)),
  }
}

/** Whether what stands beside the window already is not the needle; one side may read otherwise than the other. */
export function isElse({ before, behind }: Beside, { needle, kept }: Anchor): boolean {
  const { wanted } = needle
  let index = 0
  for (let rest = kept; rest > 0; index++) rest -= Number(!isBorder(wanted[index]!))
  return !(
    before.some((folded) => isAlikeBefore(folded, needle, index)) &&
    behind.some((folded) => isAlikeBehind(folded, needle, index))
  )
}

/** Whether the last kept characters are those before the index of the needle. */
function isAlikeBefore(folded: string, needle: Needle, index: number): boolean {
  let at = folded.length
  for (let wanted = index - 1; wanted >= 0 && wanted > index - ENOUGH; wanted--) {
    if (isBorder(needle.wanted[wanted]!)) continue
    let code = -1
    while (code < 0 && at > 0) code = read(needle, folded.charCodeAt(--at))
    if (code < 0) return true
    if (code !== needle.wanted.charCodeAt(wanted)) return false
  }
  return true
}

/** Whether the kept characters are those from the index of the needle on. */
function isAlikeBehind(folded: string, needle: Needle, index: number): boolean {
  let from = 0
  while (from < folded.length && read(needle, folded.charCodeAt(from)) < 0) from++
  return follow(folded, from, needle, isBorder(needle.wanted[index]!) ? index + 1 : index) !== ELSE
}
