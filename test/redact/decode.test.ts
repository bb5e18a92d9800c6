/** Decoding block by block: what stands at a border is found, and no block reads what the next one reads again. */

import { expect, it } from 'vitest'
import { Decoder } from '../../src/redact/decode.ts'
import { BLOCK, MAX_ESCAPE } from '../../src/redact/limits.ts'
import { createRedactor } from '../../src/redact.ts'

it.each(['\\', '\\1', '%25', '%25a', '%2525', '&amp;', '&#38;#', '\\u0025', '%5C1', '%2\n5', '\\\u200b'])(
  'a row of %j is not read far beyond the block',
  (row) => {
    const decoder = new Decoder()
    const text = row.repeat(2 * BLOCK)
    decoder.start(text, true)
    decoder.decode(0, BLOCK, 0)
    const end = decoder.escapes[decoder.escapesSize - 1]
    expect(end).toBeGreaterThan(BLOCK - MAX_ESCAPE)
    expect(end).toBeLessThan(BLOCK + 2 * MAX_ESCAPE)
  },
)

it('a value of characters of two units is found at every place of the border of a block', () => {
  const value = 'pa😀ss%word🔑\\🔒é-long'
  const { text } = createRedactor({ secrets: { k: value } })
  for (let before = 0; before <= value.length; before++) {
    const noise = '😀'.repeat(BLOCK / 2 - 16) + 'x'.repeat(32 - before)
    expect(text(`${noise}${value} ${noise}`)).toBe(`${noise}[secret:k] ${noise}`)
    expect(text(`${noise}${encodeURIComponent(value)} ${noise}`)).toBe(`${noise}[secret:k] ${noise}`)
  }
})
