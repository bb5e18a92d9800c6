/** The time of decoding is that of the text: no block reads what the next one reads again. */

import { expect, it } from 'vitest'
import { Decoder } from '../../src/redact/decode.ts'
import { BLOCK, MAX_ESCAPE } from '../../src/redact/limits.ts'

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
