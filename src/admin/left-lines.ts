/** Where a value stands once more in a text that has references: in a comment, under another name, in what was commented out. */

/** A shorter value is found only where no letter or digit stands next to it: `true` or `1234` are a part of much. */
const LONG_ENOUGH = 8
/** One that is shorter still is a part of everything. */
const SHORTEST = 4
/** The frame of a key file is that of every key. */
const FRAME = /^-----.*-----$/

/** The lines of a text, from 1, that hold a value, or a line of one of several lines. */
export function linesThatHold(text: string, value: string): readonly number[] {
  const parts = value.split(/[\r\n]+/).filter((part) => part.trim().length >= SHORTEST && !FRAME.test(part.trim()))
  // in JSON it is written with escapes
  const written = [...new Set(parts.flatMap((part) => [part.trim(), JSON.stringify(part.trim()).slice(1, -1)]))]
  if (!written.some((part) => text.includes(part))) return []
  return text.split('\n').flatMap((line, index) => (written.some((part) => holdsPart(line, part)) ? [index + 1] : []))
}

function holdsPart(line: string, part: string): boolean {
  if (part.length >= LONG_ENOUGH) return line.includes(part)
  for (let at = line.indexOf(part); at >= 0; at = line.indexOf(part, at + 1)) {
    const [before = '', after = ''] = [line[at - 1], line[at + part.length]]
    if (!/\w/.test(before + after)) return true
  }
  return false
}
