/** What stands in place of a value, and is never one: a form that sends it back must not overwrite the secret. */

import { DOTS } from './secret.ts'

/** Nothing but dots, of any number: what is left of the mask when somebody edits it. */
const DOTS_ONLY = /^\s*•+\s*$/
/** The mask of logs and results; `[secret]` alone, since within a text it is a section of a TOML or INI file. */
const LOG_MASK = /\[secret:[A-Za-z0-9_.-]{1,257}\]|^\s*\[secret\]\s*$/

/** Whether the text is, or holds, a mask of this library. */
export function holdsMask(text: string): boolean {
  return text.includes(DOTS) || DOTS_ONLY.test(text) || LOG_MASK.test(text)
}
