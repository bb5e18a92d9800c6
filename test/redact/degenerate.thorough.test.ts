import { expect, it } from 'vitest'
import { faultsOf } from './degenerate.ts'

const LENGTHS = [1, 2, 3, 4, 7, 8, 9, 16, 17, 32, 64]

it.each(Array.from({ length: 16 }, (_, high) => high))(
  'every byte that begins with digit %i, over and over',
  (high) => {
    for (let low = 0; low < 16; low++)
      for (const length of LENGTHS) expect(faultsOf(Buffer.alloc(length, 16 * high + low))).toEqual([])
  },
)
