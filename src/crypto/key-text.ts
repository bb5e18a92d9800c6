/** What went wrong with the text of a key on its way: named for whoever has to mend it, never repaired, never repeated. */

const NAME_AND_EQUALS = /^(?:export\s+)?[A-Za-z_][A-Za-z0-9_]{0,127}\s*=/
const QUOTATION_MARKS = ['"', "'", '`', '\u2018', '\u201c']

/**
 * The fault of a text that was a key once, as the rest of a sentence; undefined where none of the usual ones is found.
 *
 * @param prefix how a key starts
 */
export function manglingOf(text: string, prefix: string): string | undefined {
  if (text.startsWith('\ufeff')) return 'starts with a byte order mark (BOM)'
  if (text.includes('\0')) return 'holds NUL characters, as the UTF-16 of PowerShell does'
  if (/[\r\n]$/.test(text)) return 'has white space around it, a line end'
  if (text !== text.trim()) return 'has white space around it'
  if (QUOTATION_MARKS.some((quote) => text.startsWith(quote)))
    return 'has quotation marks around it, which some readers of .env files keep'
  if (/^export\s/.test(text) || NAME_AND_EQUALS.test(text)) return 'comes with the name of its variable before it'
  if (text.startsWith(prefix + prefix)) return `starts with ${prefix} twice`
  return /[\r\n]/.test(text) ? 'has several lines' : undefined
}
