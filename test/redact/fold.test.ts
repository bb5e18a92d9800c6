/** Values whose escapes stand where the search does not look first. */

import { describe, expect, it } from 'vitest'
import { createRedactor } from '../../src/redact.ts'

const textOf = (value: string, text: string): string => createRedactor({ secrets: { k: value } }).text(text)

describe('a password with few letters', () => {
  it.each(['abcd$!"\'', 'nvM$MP5"', 'qi3<7$5"', 'Passw0$"', '"\'$!abcd', '"ab$cd"e'])(
    'is found where a writer escapes a character far from the letters that are looked for: %s',
    (value) => {
      expect(textOf(value, `x ${JSON.stringify(value)} y`)).toBe('x "[secret:k]" y')
      expect(textOf(value, `x ${value.replace(/["'$]/g, '^$&')} y`)).toBe('x [secret:k] y')
      expect(textOf(value, `x ${value.slice(0, 6)}\n  ${value.slice(6)} y`)).toBe('x [secret:k] y')
    },
  )
})

describe('a value is found whatever a writer does to the piece of it that is looked for', () => {
  it.each([
    ['d\nw{\t,WYz3egaJ0D$I1+', 'k: d w{\t,WYz3egaJ0D$I1+ was', 'k: [secret:k] was'],
    ['F$k\nvJsVo63N&[;I\n/b.[@g', 'k: F$k vJsVo63N&[;I /b.[@g was', 'k: [secret:k] was'],
    [`.>'\nc_F6{\rHKpeKZYT;'`, `k: .>'c_F6{HKpeKZYT;' was`, 'k: [secret:k] was'],
    ['\tucz_wq$0CM', '{"k":"\\tucz_wq$0CM"}', '{"k":"[secret:k]"}'],
    ['\r17)+9SC{W', "{ k: '\\r17)+9SC{W' }", "{ k: '[secret:k]' }"],
    ['c\\hWaS[fJHD0A', '{"k":"c\\\\\\u001b[31mhWaS[fJHD0A"}', '{"k":"[secret:k]"}'],
    [`pkO6bnn'@j[Vc'W5VE5i`, `'pkO6bnn''''@j[Vc''''W5VE5i'`, `'[secret:k]'`],
    [`p+QM}{6~I'=<l8`, `<p+QM}{6~I"=<l8>`, '<[secret:k]>'],
    [`.1(T\\fdX3~vhRZLbclL9<'t`, `k: .1(T\fdX3~vhRZLbclL9<'t was`, 'k: [secret:k] was'],
  ])('%j in %j', (value, text, redacted) => {
    expect(textOf(value, text)).toBe(redacted)
  })
})

it('values of all lengths are found together, whichever came first and whichever went', () => {
  const all = ['sk_live_51abcdefghijkl', 'Zq8#vX2!', 'kept-nine', 'aB3-x', 'q7', '~', 'P"w\\d$1\'x %9']
  const around = (value: string): string => `}\n${value}\n{ ${JSON.stringify(value)} ${encodeURIComponent(value)} `
  for (let first = 0; first < all.length; first++) {
    const order = [...all.slice(first), ...all.slice(0, first)]
    const redactor = createRedactor()
    order.forEach((value, index) => {
      redactor.add(`L${index}`, value)
      for (const known of order.slice(0, index + 1)) {
        const label = `[secret:L${order.indexOf(known)}]`
        expect(redactor.text(around(known))).toBe(`}\n${label}\n{ "${label}" ${label} `)
      }
    })
    order.forEach((value, index) => {
      redactor.remove(`L${index}`)
      expect(redactor.text(around(value))).toBe(around(value))
      for (const known of order.slice(index + 1)) expect(redactor.find(around(known))).toHaveLength(3)
    })
  }
})

describe('a colour directly after a value', () => {
  const colours = ['\x1b[39m', '\x1b[39m\x1b[0m', '\\u001b[39m']

  it.each(['%', '&', '\\', '%%', '"%'])('that ends with %s stays', (end) => {
    const value = `abcd-1234-efg${end}`
    const { text, chunks } = createRedactor({ secrets: { k: value } })
    for (const colour of colours)
      for (const written of [
        colour[0] === '\\' ? JSON.stringify(value).slice(1, -1) : value,
        encodeURIComponent(value),
      ])
        for (const rest of [' rest', '\n', '']) {
          const line = `\x1b[31m${written}${colour}${rest}`
          expect(text(line)).toBe(`\x1b[31m[secret:k]${colour}${rest}`)
          const stream = chunks<string>()
          const pieces = [...line].map((unit) => stream.push(unit)).join('')
          expect(pieces + (stream.end() ?? '')).toBe(text(line))
        }
  })

  it('is masked where it stands within the escape that is the last character', () => {
    expect(textOf('abcd-1234-efg%', '<abcd-1234-efg%\x1b[39m25>')).toBe('<[secret:k]>')
  })
})

it.each([
  'Pass%C2%ADwort-geheim-7',
  'Pass%25C2%25ADwort-geheim-7',
  'Pass\\302\\255wort-geheim-7',
  'Pass\\xc2\\xadwort-geheim-7',
  'Pass%5Cxc2%5Cxadwort-geheim-7',
])('a soft hyphen of a value is found as bytes in escapes: %s', (written) => {
  expect(textOf('Pass\u00adwort-geheim-7', `x ${written} y`)).toBe('x [secret:k] y')
})

describe('what is not kept at the ends of a value is masked with it', () => {
  it.each([
    ['`+Xh3efsvjD2', '<p>`+Xh3efsvjD2</p>', '<p>[secret:k]</p>'],
    ['`+Xh3efsvjD2', '"\\u0060\\u002BXh3efsvjD2"', '"[secret:k]"'],
    ['\\^!aBcDeFgH', '"\\\\^!aBcDeFgH"', '"[secret:k]"'],
    ['W9e$xgy!,^', 'set p=W9e$xgy^!,^^ & echo', 'set p=[secret:k] & echo'],
    ['W9e#xgy!,`', '"W9e#xgy!,``"', '"[secret:k]"'],
    ['W9e#xgy!,$', 'k: W9e#xgy!,$$ was', 'k: [secret:k] was'],
  ])('%s in %s', (value, text, redacted) => {
    expect(textOf(value, text)).toBe(redacted)
  })

  it('a backslash in JSON in JSON, before the end of a text or a quote', () => {
    const value = 'lxIX42"8ja+QR\\'
    const line = JSON.stringify({ msg: JSON.stringify({ k: value }) })
    expect(textOf(value, line)).toBe('{"msg":"{\\"k\\":\\"[secret:k]\\"}"}')
    const quoted = JSON.stringify({ msg: JSON.stringify({ k: `${value}"` }) })
    expect(textOf(value, quoted)).toBe('{"msg":"{\\"k\\":\\"[secret:k]\\\\\\"\\"}"}')
  })

  it('a plus of base64 as a dash', () => {
    const value = 'My&:qbwQ>'
    expect(textOf(value, `k=${Buffer.from(value).toString('base64url')}.`)).toBe('k=[secret:k].')
  })
})

describe('a value behind what reads as one escape with its first characters is found', () => {
  it.each([
    ['c70jwXPqL3"j', `LIKE '%c70jwXPqL3\\"j%'`, `LIKE '%[secret:k]%'`],
    ['bob7-pass"word', String.raw`"CORP\\bob7-pass\"word"`, String.raw`"CORP\\[secret:k]"`],
    ['a1xsWz cR`uvZS$iak<E&', '<p>\\a1xsWz cR`uvZS$iak&lt;E&amp;</p>', '<p>\\[secret:k]</p>'],
  ])('%s in %s', (value, text, redacted) => {
    expect(textOf(value, text)).toBe(redacted)
  })
})

it('a value is found whose two sides read differently: an escape reaches into it, and one stands in it', () => {
  const before = "SELECT a FROM a_table_with_a_long_name WHERE another_long_name LIKE '%"
  for (const written of ['\\u0022', '&quot;', '%22']) {
    const text = `${before}c7-a.b-JWXPQLRT${written}jk'`
    expect(textOf('c7-a.b-JWXPQLRT"jk', text)).toBe(`${before}[secret:k]'`)
  }
})

it.each(['%', "LIKE '%", 'x\\x', '%25'])(
  'a value that is not all ASCII is found after %j, which reaches into it',
  (before) => {
    for (const value of ['c7jwXPqL3-nbMé', 'c7-ключ-от-всего', 'E9-😀-wXPqL3-nbM']) {
      expect(textOf(value, `${before}${value}`)).toBe(`${before}[secret:k]`)
    }
  },
)

it('two titles of a terminal are no one text', () => {
  const titles = '\x1b]0;first-half\x07 and \x1b]0;second-half\x07'
  expect(textOf('first-half|second-half', titles)).toBe(titles)
  expect(textOf('first-half|second-half', '\x1b]0;first-half|second-half\x07')).toBe('\x1b]0;[secret:k]\x07')
})

it.each(['\0', '\x1b'])('the character %j of a value may be gone in the text', (code) => {
  expect(textOf(`hunter${code}two-long`, 'is huntertwo-long')).toBe('is [secret:k]')
  expect(textOf(`hunter${code}two-long`, `is hunter${code}two-long`)).toBe('is [secret:k]')
})

it('a line of few letters is found that another line has in quotes', () => {
  const value = "'ab cd efg'\nab cd efg\nand another line"
  expect(textOf(value, 'x ab cd efg y')).toBe('x [secret:k] y')
  expect(textOf(value, "x 'ab cd efg' y")).toBe('x [secret:k] y')
})

it('a few letters are not masked for a value in which they stand among others', () => {
  const value = '"""""""user'
  for (const text of ['C:\\user\\x', 'a%20users', 'line\nuser id']) expect(textOf(value, text)).toBe(text)
  expect(textOf(value, JSON.stringify(value))).toBe('"[secret:k]"')
})

it.each([
  ['percent-encoding, loose, in lower case', '$a"b\'%', "%24a%22b'%25".toLowerCase()],
  ['percent-encoding, strict', '$a"b\'%!', '%24a%22b%27%25%21'],
  ['a JSON string in another', '$a"\\b%', '$a\\\\\\"\\\\\\\\b%'],
])('a value with fewer than four kept characters is found in %s', (_, value, text) => {
  const { text: redact } = createRedactor({ secrets: { k: value }, minLength: 5 })
  expect(redact(`<${text}>`)).toBe('<[secret:k]>')
})

it('an entity of which the value itself has the first character is masked whole', () => {
  expect(textOf('QTVqt+3RO1NuYR&', '<p>QTVqt+3RO1NuYR&amp;</p>')).toBe('<p>[secret:k]</p>')
  expect(textOf('QTVqt3RO1NuYR&', '?a=QTVqt3RO1NuYR&b=1')).toBe('?a=[secret:k]b=1')
})

describe('the letters of a password that are the beginning or the end of an ordinary word', () => {
  it.each([
    ['pass$$$$', 'a\npassword\nreset'],
    ['"\'$test', '<p>\ncontest&quot; tests'],
    ["hunter$'", 'a\nhunters'],
  ])('are not masked without what stands around them: %s', (value, text) => {
    expect(textOf(value, text)).toBe(text)
    expect(textOf(value, `${text}\n${JSON.stringify({ value })}`)).toBe(`${text}\n{"value":"[secret:k]"}`)
  })
})

it('a short value is found in every escape of one of its characters', () => {
  for (const value of ['qX7-', '~7', 'a;b', 'Q', 'pi-n5', 'x7~y9Kz']) {
    for (const [index, character] of [...value].entries()) {
      const code = character.charCodeAt(0)
      const digits = code.toString(16).padStart(2, '0')
      for (const written of [`\\x${digits}`, `\\u00${digits}`, `%${digits}`, `&#${code};`, `&#x${digits};`]) {
        const text = `k: ${value.slice(0, index)}${written}${value.slice(index + 1)} was`
        expect(textOf(value, text)).toBe('k: [secret:k] was')
      }
    }
  }
})

describe('a value is found without a mark that would tell of its rewriting', () => {
  it.each([
    ['k8J+2fQ9xZ7w', 'token=k8J 2fQ9xZ7w;'],
    ['correct horse battery staple', '| correct  horse  battery  staple |'],
    ['q W8eR7tY6uI', 'x q\tW8eR7tY6uI y'],
    ['q\tW8eR7tY6uI', 'x q    W8eR7tY6uI y'],
    ['q"W8eR7tY6uI', 'x q""""W8eR7tY6uI y'],
    [`it's-4-me-you`, `'it'"'"'"'"'"'"'"'"'s-4-me-you'`],
    ['Pa$sw0rd-12x', 'x Pa$$$$sw0rd-12x y'],
    ['q%W8eR7tY6uI', 'x q%%%%W8eR7tY6uI y'],
    ['PIN=42\r\nPW=abcdefgh', 'u PIN=42  PW=abcdefgh y'],
    [`don't stop me`, `x don''t+stop+me y`],
  ])('%j in %j', (value, text) => {
    const redacted = textOf(value, text)
    expect(redacted).toContain('[secret:k]')
    for (const word of value.split(/\W+/).filter(({ length }) => length > 1)) expect(redacted).not.toContain(word)
  })
})

it('an escape of one character that is two units is undone wherever it stands', () => {
  for (const written of ['&#128273;', '&#x1F511;', '\\u{1f511}', '\\U0001f511', '\\ud83d\\udd11']) {
    expect(textOf('abc🔑def12', `x abc${written}def12 y`)).toBe('x [secret:k] y')
    const redactor = createRedactor({ secrets: { k: 'abc🔑d/e/f/g/h/j', other: 'abcdefgh' } })
    expect(redactor.text(`x abc${written}d/e/f/g/h/j y`)).toBe('x [secret:k] y')
  }
})
