/** What engine and oracle must agree on, and chunks with both. */

import { createRedactor, type Redactor } from '../../src/redact.ts'
import { createOracle } from './oracle.ts'
import type { Sample } from './random-texts.ts'

/** The text as it leaves a stream that gets it in pieces. */
function inPieces({ chunks }: Redactor, text: string, size: number): string {
  const { push, end } = chunks<string>()
  let output = ''
  for (let from = 0; from < text.length; from += size) output += push(text.slice(from, from + size))
  return output + (end() ?? '')
}

/** Where engine and oracle differ on the texts, as text; empty where they do not. */
export function disagreements({ value, texts }: Sample): readonly string[] {
  const redactor = createRedactor({ secrets: { k: value } })
  const oracle = createOracle(value)
  return texts.flatMap((text) => {
    const wanted = oracle.text(text)
    const given = redactor.text(text)
    return given === wanted
      ? []
      : [`${JSON.stringify(text)}: engine ${JSON.stringify(given)}, oracle ${JSON.stringify(wanted)}`]
  })
}

/** Where the engine shows a character that the oracle masks, as text. */
export function shownCharacters({ value, texts }: Sample): readonly string[] {
  const redactor = createRedactor({ secrets: { k: value } })
  const oracle = createOracle(value)
  return texts.flatMap((text) => {
    const masked = new Array<boolean>(text.length).fill(false)
    for (const { start, end } of redactor.find(text)) masked.fill(true, start, end)
    const shown = oracle.spans(text).some(({ start, end }) => masked.slice(start, end).includes(false))
    return shown ? [`${JSON.stringify(text)} shows ${JSON.stringify(redactor.text(text))}`] : []
  })
}

/** Where pieces of 1 and 5 characters give another text than all at once. */
export function differencesInPieces({ value, texts }: Sample): readonly string[] {
  const redactor = createRedactor({ secrets: { k: value } })
  return texts.flatMap((text) => {
    const wanted = redactor.text(text)
    return [1, 5].flatMap((size) => {
      const given = inPieces(redactor, text, size)
      return given === wanted
        ? []
        : [`${JSON.stringify(text)} by ${size}: ${JSON.stringify(given)}, not ${JSON.stringify(wanted)}`]
    })
  })
}
