/** What stands in a part of a text, character by character: also what is not compared. */

import { CLASS, INTRODUCER } from './characters.ts'
import { EscapeReader } from './escape-reader.ts'

/** What is read of a text: characters, also those that are not compared, and where each was written. */
export class Reader extends EscapeReader {
  readonly codes: number[] = []
  readonly places: number[] = []
  /** Where what each was written as ends. */
  readonly ends: number[] = []

  /** Reads a part of the text that begins and ends between escapes. */
  read(text: string, from: number, to: number): this {
    this.begin(text, to, true)
    this.titles.length = 0
    this.codes.length = this.places.length = this.ends.length = 0
    for (let at = from; at < to; ) {
      const code = text.charCodeAt(at)
      if (CLASS[code] === INTRODUCER) at = this.undo(at)
      else this.put(code, at++)
      for (let index = this.ends.length; index < this.places.length; index++) {
        const next = this.places[index + 1] ?? at
        this.ends.push(next > this.places[index]! ? next : at)
      }
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

  protected putUnit(code: number, offset: number): void {
    this.codes.push(code)
    this.places.push(offset)
  }
}
