/** What stands in place of a value, and is never one: a form that sends it back must not overwrite the secret. */

import { DOTS } from './secret.ts'

/** Nothing but dots, of any number: what is left of the mask when somebody edits it. */
const DOTS_ONLY = /^\s*•+\s*$/
/** The mask of logs and results; `[secret]` alone, since within a text it is a section of a TOML or INI file. */
const LOG_MASK = /\[secret:[A-Za-z0-9_.-]{1,257}\]|^\s*\[secret\]\s*$/

/** Nothing but one of the signs that forms show for a password; fewer may be meant, as the `*` of a wildcard. */
const FORM_MASK = /^\s*([*●⬤∙⋅·◦○■▪█＊✱])\1{2,}\s*$/

/** Whether the text is, or holds, a mask of this library, or is one of another form: none of them is a value. */
export function isMasked(text: string): boolean {
  return holdsMask(text) || FORM_MASK.test(text)
}

/** Whether the text is, or holds, a mask of this library. */
export function holdsMask(text: string): boolean {
  return text.includes(DOTS) || DOTS_ONLY.test(text) || LOG_MASK.test(text)
}
