/** Values of one byte over and over, in every form, and what a redactor that knows one must do: end, mask it, leave the rest. */

import { createRedactor, type Redactor } from '../../src/redact.ts'

const CLEAN = 'GET /a 200 "ok" 100% done \\ $5 + tt\n'

/** The same bytes as a text, as bytes and as the usual texts of a key. */
function formsOf(bytes: Buffer): readonly (string | Uint8Array)[] {
  const digits = bytes.toString('hex')
  const groups = /^(.{8})(.{4})(.{4})(.{4})(.{12})$/
  return [
    bytes.toString('latin1'),
    new Uint8Array(bytes),
    digits,
    digits.replace(/..(?=.)/g, '$&:'),
    digits.replace(groups, '$1-$2-$3-$4-$5'),
    bytes.toString('base64'),
  ]
}

function inPieces({ chunks }: Redactor, text: string): string {
  const { push, end } = chunks<string>()
  let output = ''
  for (let from = 0; from < text.length; from += 7) output += push(text.slice(from, from + 7))
  return output + (end() ?? '')
}

/** What a redactor does wrong that knows a value of these bytes, in any of their forms; empty where nothing is. */
export function faultsOf(bytes: Buffer): readonly string[] {
  return formsOf(bytes).flatMap((value) => {
    const redactor = createRedactor()
    const verdict = redactor.add('k', value, {})
    const written = typeof value === 'string' ? value : bytes.toString('latin1')
    const faults: string[] = []
    for (const text of [CLEAN, written, `${CLEAN}${written}\n${CLEAN}`]) {
      const masked = redactor.text(text)
      const pieces = inPieces(redactor, text)
      if (pieces !== masked) faults.push(`pieces ${pieces}, not ${masked}`)
      if (verdict === 'ok' && text !== CLEAN && masked.includes(written)) faults.push(`shown ${masked}`)
      if (!text.includes(written) && masked !== text) faults.push(`masked ${masked}`)
    }
    const { v } = JSON.parse(redactor.json(JSON.stringify({ v: written }))) as { v: string }
    const { whole } = redactor.value({ whole: written, bytes, zeros: Buffer.alloc(64) })
    for (const copy of [v, whole]) if (verdict === 'ok' && copy !== '[secret:k]') faults.push(`copied ${copy}`)
    return faults.map((fault) => `${verdict} ${JSON.stringify(written)}: ${JSON.stringify(fault)}`)
  })
}
