/** A small part of what `oracle.thorough.test.ts` holds against the oracle. */

import { expect, it } from 'vitest'
import { disagreements } from './oracle-laws.ts'

it.each([
  [
    'hunter2-long-pw',
    ['a hunter2-long-pw b', 'hunter2%2Dlong%252Dpw', 'hun\nter2-long-pw', 'hunter2-long-p', 'hunter-long-pw'],
  ],
  [
    'p4ss/w"rd&<é42>',
    ['p4ss\\/w\\"rd\\u0026\\u003C\\u00e942\\u003e', 'p4ss%2Fw%22rd%26%3C%C3%A942%3E', 'p4ss/w&quot;rd&amp;&lt;é42&gt;'],
  ],
  ['4711', ['pin=4711 x4711 %4711 47\x1b[1m11', '%34%37%31%31', '4\n711']],
  ['C:\\new\\table', ['C:\\\\new\\\\table', 'C:\\new\\table\\', 'C:%5Cnew%5Ctable', 'C:new table']],
])('engine and oracle mask the same for %j', (value, texts) => {
  expect(disagreements({ value, texts })).toEqual([])
})
