/** Joints: which two characters on both sides of a line break may belong to one value. */

const PAIRS = 4096
/** Apart from one another the two are nothing: the text is not looked at. */
export const NO_JOINT = 0
/** The break may be inside a word. */
export const WORD_JOINT = 1
/** The break may be between lines of a value that holds white space. */
export const LINE_JOINT = 2

/** Pairs of neighbours in known values. */
export class Joints {
  readonly #pairs = new Uint8Array(PAIRS)

  /** Learns a text that may be broken anywhere. */
  addText(text: string): void {
    for (let index = 1; index < text.length; index++) {
      this.#pairs[pairOf(text.charCodeAt(index - 1), text.charCodeAt(index))]! |= WORD_JOINT
    }
  }

  /** Learns where the lines of a value meet. */
  addLines(lines: readonly string[]): void {
    const joint = lines.some((line) => /\s/.test(line)) ? LINE_JOINT : WORD_JOINT
    for (let index = 1; index < lines.length; index++) {
      const before = lines[index - 1]!
      this.#pairs[pairOf(before.charCodeAt(before.length - 1), lines[index]!.charCodeAt(0))]! |= joint
    }
  }

  /** How a break between these two characters is to be taken. */
  kindOf(before: number, behind: number): number {
    const kind = this.#pairs[pairOf(before, behind)]!
    return kind === NO_JOINT && isEncoded(before) && isEncoded(behind) ? WORD_JOINT : kind
  }
}

function pairOf(before: number, behind: number): number {
  return ((before * 61) ^ behind) & (PAIRS - 1)
}

const ENCODED = new Uint8Array(128)
for (const character of 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=-_%,') {
  ENCODED[character.charCodeAt(0)] = 1
}

/** Characters of base64, hexadecimal, percent-encoding and lists, which may be broken anywhere. */
function isEncoded(code: number): boolean {
  return ENCODED[code] === 1
}
