/** What stands in a part of a text, character by character: also what is not compared. */

import { CLASS, INTRODUCER } from './characters.ts'
import { EscapeReader } from './escape-reader.ts'

/** What is read of a text: characters, also those that are not compared, and where each was written. */
export class Reader extends EscapeReader {
  readonly codes: number[] = []
  readonly places: number[] = []
  /** Where what each was written as ends. */
  readonly ends: number[] = []

  /** Reads a part of the text that begins and ends between escapes; one that is not final may end within one. */
  read(text: string, from: number, to: number, isFinal = true): this {
    this.begin(text, to, isFinal)
    this.titles.length = 0
    this.codes.length = this.places.length = this.ends.length = 0
    for (let at = from; at < to && this.openAt < 0; ) {
      const code = text.charCodeAt(at)
      if (CLASS[code] === INTRODUCER) at = this.undo(at)
      else this.put(code, at, ++at)
    }
    return this
  }

  /** The index of what was written after the first character, which may be two units. */
  second(): number {
    const { places } = this
    let index = 0
    while (index < places.length && places[index] === places[0]) index++
    return index
  }

  protected putUnit(code: number, offset: number, end: number): void {
    this.codes.push(code)
    this.places.push(offset)
    this.ends.push(end)
  }
}
