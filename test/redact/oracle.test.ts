/** What random texts showed: engine, oracle and streams mask the same. `compare-with-oracle.ts` makes more of them. */

import { expect, it } from 'vitest'
import { createRedactor } from '../../src/redact.ts'
import { createOracle } from './oracle.ts'
import { disagreements } from './oracle-laws.ts'
import { MASK } from './writings.ts'

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

const CAUSES: Readonly<Record<string, readonly [value: string, text: string, expected: string]>> = {
  'a letter beyond ASCII in a value whose beginning reads as the end of an escape': [
    '3kzé9-pw',
    '%b3kz%C3%A99-pw',
    '%b*',
  ],
  'the same, written in two units': ['d🔑z&ky4x', '%4d🔑z&amp;ky4x', '%4*'],
  'the end of a value that begins an escape with what follows it': ['kzyjqw%4', 'kzyjqw%41', '*1'],
  'the same, of backslashes': ['kzyjqq\\\\', 'kzyjqq\\\\a', '*a'],
  'the same, of a terminal': ['kzyjq"7\x1b', 'kzyjq"7\x1b[m', '*[m'],
  'a short value after a percent-encoded backslash': ['131k', '%5C131k', '%5C*'],
  'a short value after a percent-encoded percent sign': ['dbkz', '%25dbkz', '%25*'],
  'a short value after several escapes in a row': ['bxec', '%26%23%62%78%65%63', '%26%23*'],
  'a short value that a letter touches after what is no escape': ['kz0d', '%4kz0d', '%4kz0d'],
  'the same, after a letter that begins a zero-width character as a byte': ['kzB1', 'ÂkzB1', 'ÂkzB1'],
  'a zero-width character after a value that ends with an ampersand': ['kzyjqww&', 'kzyjqww&\u200bx', '*\u200bx'],
  'a colour after it, written in escapes': ['kzyjqww&', 'kzyjqww&\\u001b[1mx', '*\\u001b[1mx'],
  'a value at the end of a title': ['kk&qzy7\x1b[', '\x1b]kk&amp;qzy7\x1b[\x07', '\x1b]*\x07'],
  'a title after one that a line end left open': ['kz1b[=cq', '\x1b]\x1b].\nkz\x1b]t\x071b[=cq', '\x1b]\x1b].\n*'],
  'a percent sign before one that is an escape': ['kzywj00q', 'kzywj0%%30q', '*'],
  'a value whose beginning reads as the end of an escape in a row of them': [
    'e&&qkzyj',
    '\\e&amp;\x1b&amp;qkzyj',
    '\\*',
  ],
  'escapes of many characters after it': ['t&#🔑+k00', '\\t%2526%2523%25F0%259F%2594%2591%2520%2520%252Bk00', '\\*'],
  'a value that begins as an escape does, within another': ['%41kzyj[&q', '\\x1b[%41kzyj[&amp;q', '\\x1b[*'],
  'the same, after a zero-width character': ['\u200b%41kzzyjqw', '\\x1b[%41kzzyjqw', '\\x1b[*'],
  'a value that begins a title and ends within it': ['\x1b]kkzyjqw ', '\x1b]kkzyjqw \x1b\\', '*\x1b\\'],
  'the same, in escapes': ['\x1b]=\\x1b[\xe2\x80\x8b%', '%1B%5D%3D%5Cx1b%5B%C3%A2%C2%80%C2%8B%25\x1b\\', '*\x1b\\'],
  'a short value at the beginning of a title that escapes begin': ['k1zy\x07', '%1B%5Dk1zy%07\x07', '%1B%5D*\x07'],
  'backslashes with what nobody sees between them': [
    '&#kzk1y[',
    '&#92;&#173;&#92;&#120;&#49;&#98;&#91;a%26%23kzk1y%5B',
    '&#92;&#173;&#92;&#120;&#49;&#98;&#91;a*',
  ],
  'the same, where a backslash writes it': [
    '\u200b\xc2\\amp;b',
    '\\\\\\u200bu00c2\\\\\\u006d\\u0070\\u003b\\u0062',
    '*',
  ],
  'a colour in more layers than the escape around it': [
    '\\x1b[k\\u001',
    '&#92;&#117;&#48;&#48;&#49;%255Cx1b%5Bt1',
    '*%255Cx1b%5Bt1',
  ],
  'a short value in a long row of escapes': [
    "\x1b['&#x\nk",
    '\\\\u001b%5Cu001b%5Cu005b%5Cu0027%5Cu0026%5Cu0023%5Cu0078%5Cu200b%1',
    '\\\\u001b*%5Cu200b%1',
  ],
  'the same, next to none that an escape swallows': [
    '4\x1b]\x1b\x1b[A\xe2\x80\x8b\n',
    '%254%1B%5D%1B%1B%5BA%C3%A2%C2%80%C2%8B%0Ac\\\\\\\\u0\\\\u001b\\\\\\\\ub\xe2\x80\x8bA',
    '%254%1B%5D%1B%1B%5BA%C3%A2%C2%80%C2%8B%0Ac\\\\\\\\u0\\\\u001b\\\\\\\\ub\xe2\x80\x8bA',
  ],
  'a short value within a row that a stream gets in parts': [
    '\x1b',
    '\\u1b\\u001b[21\xad%1B%1B%5B21%5Cu001b%25ad\x1b\x1b[21\xad%1B%1B%5B2%26am%AD%12',
    '\\u1b\\u001b[21\xad%1B%1B%5B21%5Cu001b%25ad*[21\xad%1B%1B%5B2%26am%AD%12',
  ],
  'a zero-width character at the beginning of a value': ['\u200b0akzy\na', '%\u200b0akzy\\na', '%*'],
}

it.each(Object.entries(CAUSES))('%s', (_, [value, text, wanted]) => {
  const expected = wanted.replace('*', MASK)
  expect(createRedactor({ secrets: { k: value } }).text(text)).toBe(expected)
  expect(createOracle(value).text(text)).toBe(expected)
  expect(disagreements({ value, texts: [text] })).toEqual([])
})
