/** A finding as a compiler prints it: the line, and a caret below what it is about. */

const ELLIPSIS = '…'
/** After these a hyphen ends the name, and a value follows that is used where there is none: `${secrets.x-value}`. */
export const DEFAULTING_OPENINGS = ['${', '#{', '%{', '$(', '<%=', '<%'] as const
const DEFAULTING_PATTERN = `(?:${DEFAULTING_OPENINGS.map((opening) => opening.replace(/[${(]/g, '\\$&')).join('|')})(?!\\{)`
const OPENING_PATTERN = '(?:&lt;|&#x?[0-9a-f]{2,3};|%[37][bc]|\\\\u00[37][bc]|[<{«＜｛$#%=(@[]){1,8}'
/** White space, also as a URL or HTML writes it. */
const BLANKS_PATTERN = '(?:[\\s+\\u200b-\\u200d\\u2060]|%20|&nbsp;){0,8}'
const SIGN_PATTERN = `${BLANKS_PATTERN}[#^&$.~"'(-]?${BLANKS_PATTERN}`
const FILTERS_PATTERN = '(?:\\s{0,8}\\|\\s{0,8}[A-Za-z][\\w-]{0,31}){0,8}'
const CLOSING_PATTERN = `(?:\\)?${BLANKS_PATTERN}[-~]?(?:&gt;|&#x?[0-9a-f]{2,3};|%[37][de]|\\\\u00[37][de]|[>}»＞｝%)]){1,8})?`
/**
 * An opening delimiter, ours, another tool's or an encoded one, the name, its filters by name, and what closes it. Nothing from
 * a `:`, `@` or `$` on, nor from a hyphen in another tool's: what stands there may be a credential.
 */
const REFERENCE = new RegExp(
  `^\\\\{0,8}(?:${DEFAULTING_PATTERN}${SIGN_PATTERN}[A-Za-z_][\\w.]{0,160}|${OPENING_PATTERN}${SIGN_PATTERN}[A-Za-z_][\\w.-]{0,160}${FILTERS_PATTERN})${CLOSING_PATTERN}`,
  'i',
)

/**
 * Two lines for printing: that line of the text with `…` for everything but the reference or near miss at the offset, since
 * the rest may hold a literal credential, and a line of carets below it.
 *
 * @param isShown whether what stands at the offset may be shown at all
 * @param label what stands before it and may be shown, such as the name of a variable
 */
export function caretAt(
  text: string,
  { index, lineStart }: { readonly index: number; readonly lineStart: number },
  isShown: boolean,
  label = '',
): string {
  const shown = isShown ? (REFERENCE.exec(text.slice(index, index + 1_024))?.[0] ?? ELLIPSIS) : ELLIPSIS
  const isEnd = !isShown || text.length === index + shown.length || /[\r\n]/.test(text[index + shown.length]!)
  const isCut = isShown && index > lineStart
  const before = label === '' ? (isCut ? ELLIPSIS : '') : `${label}: `
  const plain = shown.replace(/\s/g, ' ')
  return `${before}${plain}${isEnd ? '' : ELLIPSIS}\n${' '.repeat(before.length)}${'^'.repeat(plain.length)}`
}
