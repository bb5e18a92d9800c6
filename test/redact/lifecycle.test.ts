import { inspect } from 'node:util'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { RecentValues } from '../../src/redact/recent-values.ts'
import { createRedactor, type RedactorOptions, sensitiveProperties } from '../../src/redact.ts'
import { fails } from './looks.ts'
import { noise } from './values.ts'

const VALUE = 'hunter2-long-pw'
const refused = expect.objectContaining({ code: 'ERR_INVALID_INPUT' })

describe('rotation', () => {
  it('keeps the old values masked, in all their forms, until the label is removed', () => {
    const redactor = createRedactor({ secrets: { k: VALUE } })
    const all = [VALUE, 'second-value/2', 'third+value-3']
    for (const value of all.slice(1)) expect(redactor.add('k', value)).toBe('ok')
    const forms = all.flatMap((value) => [value, encodeURIComponent(value), Buffer.from(value).toString('base64')])
    for (const written of forms) expect(redactor.text(`<${written}>`)).toBe('<[secret:k]>')
    redactor.remove('k')
    for (const written of forms) expect(redactor.text(`<${written}>`)).toBe(`<${written}>`)
  })

  it('may bring a value back, twice or after it was removed', () => {
    const redactor = createRedactor()
    for (const value of [VALUE, 'another-value', VALUE]) redactor.add('k', value)
    redactor.remove('k')
    expect(redactor.find(VALUE)).toEqual([])
    expect(redactor.add('k', VALUE)).toBe('ok')
    expect(redactor.text(VALUE)).toBe('[secret:k]')
  })

  it('takes the removal of an unknown label for done', () => {
    const redactor = createRedactor({ secrets: { k: VALUE } })
    for (const label of ['other', 'toString', '__proto__', '']) redactor.remove(label)
    expect(redactor.text(VALUE)).toBe('[secret:k]')
  })
})

describe('verdicts', () => {
  it.each([
    ['ok', ['k7x2m9q4', VALUE, '   8 or more   ', 'trueish-value', '🔑🔑🔑🔑']],
    ['short', ['abc', '1234', 'a', '1234567', '  abc  ', 'trues', '12345678', 'password', 'admin123', 'CorrectHorse']],
    ['common', ['true', 'FALSE', 'Null', 'undefined', 'none', 'yes', 'No', 'on', 'off', '0', '42', '999', ' true\n']],
    ['common', ['secret', '[secret', 'secret:', ']', '[secret]', 'ecr']],
    ['empty', ['', ' ', '\n\t ', '\u00a0']],
  ] as const)('%s: %j', (verdict, values) => {
    for (const value of values) expect([value, createRedactor().add('k', value)]).toEqual([value, verdict])
  })

  it('are kept for weak values by label, until the label is removed', () => {
    const redactor = createRedactor({ secrets: { fine: VALUE, flag: 'true', pin: '1234', none: '' } })
    redactor.add('', 'abc')
    expect(Object.fromEntries(redactor.weak)).toEqual({ flag: 'common', pin: 'short', none: 'empty', '': 'short' })
    redactor.remove('flag')
    redactor.add('pin', 'a-longer-pin')
    expect([...redactor.weak.keys()].sort()).toEqual(['', 'none', 'pin'])
    redactor.remove('pin')
    expect(redactor.weak.has('pin')).toBe(false)
  })

  it('do not change when a value is added again', () => {
    const redactor = createRedactor()
    for (const [value, verdict] of [
      [VALUE, 'ok'],
      ['abc', 'short'],
      ['true', 'common'],
      ['', 'empty'],
    ] as const) {
      for (let count = 0; count < 3; count++) expect(redactor.add('k', value)).toBe(verdict)
    }
  })

  it('leave common and empty values in the text', () => {
    const { text } = createRedactor({ secrets: { a: 'true', b: ' ', c: '42', d: 'null', e: 'secret' } })
    expect(text('true null 42 secret [secret]')).toBe('true null 42 secret [secret]')
  })
})

function thrownBy(call: () => unknown): unknown {
  try {
    call()
  } catch (error) {
    return error
  }
  return undefined
}

describe('labels', () => {
  it.each([' ', 'a b', 'a/b', 'ü', 'a'.repeat(258), '[x]', 'a\n', '<'])('%j is none', (label) => {
    expect(() => createRedactor().add(label, VALUE)).toThrow(refused)
    expect(() => createRedactor({ secrets: { [label]: VALUE } })).toThrow(refused)
  })

  it.each(['a', 'tag.field', 'A-1_b.c', '0', 'a'.repeat(257), 'constructor', '__proto__', 'toString'])(
    '%s is one',
    (label) => {
      const redactor = createRedactor()
      redactor.add(label, VALUE)
      expect(redactor.text(VALUE)).toBe(`[secret:${label}]`)
      redactor.remove(label)
      expect(redactor.text(VALUE)).toBe(VALUE)
    },
  )

  it("'' is none, of which the mask is [secret]", () => {
    const redactor = createRedactor({ secrets: { '': 'another-value' } })
    redactor.add('', VALUE)
    expect(redactor.text(`${VALUE}, another-value`)).toBe('[secret], [secret]')
  })

  it.each([
    [VALUE, 'db'],
    ['sk_live_51H8xYq2eZvKYlo2C', 'stripe'],
    ['correct-horse-7-battery', 'api_key'],
    ['with space 1', 'db'],
    ['p@ss!', 'db'],
    ['ghp_16C7e42F292c6912E7710c838347Ae178B4a', 'github_token'],
    ['sk-live-4eC39HqLyjWDarjtT1zdp7dc', 'stripe-key'],
    ['AKIAIOSFODNN7EXAMPLE', 'aws'],
  ])('%s, given before %s, is refused as swapped and not shown', (secret, name) => {
    const redactor = createRedactor()
    const error = thrownBy(() => redactor.add(secret, name))
    expect(error).toEqual(refused)
    expect(inspect(error, { depth: 9 })).not.toContain(secret)
    expect(redactor.weak.size).toBe(0)
  })

  it.each([
    ['pin', '4711'],
    ['db', 'hunter'],
    ['AWS_S3_BUCKET_NAME', 'assets'],
    ['8c7e1d52-0f4b-4f0e-9d7a-2f1b3c4d5e6f', 'hunter'],
    ['db-replica-2024', 'hunter-at-home'],
    ['zendesk-production', 'hunter'],
    ['sk-production-main-account', 'hunter-at-home'],
  ])('%s before %s is in order', (label, value) => {
    expect(createRedactor().add(label, value)).not.toBe('empty')
  })

  it('are in order where options are given', () => {
    const redactor = createRedactor()
    expect(redactor.add('db-replica-2024', 'hunter', {})).toBe('short')
    expect(() => redactor.add('db', VALUE, { part: 'all' } as never)).toThrow(refused)
  })

  it('are named where a value has the wrong type, unless it may be the value itself', () => {
    const message = (call: () => unknown): string => (thrownBy(call) as Error).message
    const { add } = createRedactor()
    expect(message(() => add('db', undefined as unknown as string))).toContain('"db"')
    expect(message(() => createRedactor({ secrets: { db: null as unknown as string } }))).toContain('"db"')
    expect(message(() => add(VALUE, undefined as unknown as string))).not.toContain(VALUE)
    expect(message(() => (add as unknown as (value: string) => void)('correct-horse'))).not.toContain('horse')
  })

  it('whose value is undefined are skipped and told as empty', () => {
    const { text, weak } = createRedactor({ secrets: { db: VALUE, gone: undefined } })
    expect([...weak]).toEqual([['gone', 'empty']])
    expect(text(`${VALUE} undefined`)).toBe('[secret:db] undefined')
  })

  it('that hold a value print as [secret], for every value, as long as that is known', () => {
    const redactor = createRedactor({ secrets: { 'my-hunter2-long-pw': 'another-value' } })
    expect(redactor.text('another-value')).toBe('[secret:my-hunter2-long-pw]')
    redactor.add('k', VALUE)
    expect(redactor.text(`another-value ${VALUE}`)).toBe('[secret] [secret:k]')
    expect(redactor.mask('my-hunter2-long-pw')).toBe('[secret]')
    redactor.remove('k')
    expect(redactor.text('another-value')).toBe('[secret:my-hunter2-long-pw]')
  })

  it('that is the value itself is not printed', () => {
    expect(createRedactor({ secrets: { 'hunter2-long-pw': VALUE } }).text(`= ${VALUE}`)).toBe('= [secret]')
  })
})

describe('options', () => {
  it('mask makes the masks, and gets an empty label where there is none', () => {
    const redactor = createRedactor({ mask: (label) => `***${label}***`, secrets: { k: VALUE } })
    redactor.add('', 'another-value')
    expect(redactor.text(`${VALUE} another-value`)).toBe('***k*** ******')
    expect(redactor.json(`{"a":"${VALUE}"}`)).toBe('{"a":"***k***"}')
    expect(redactor.mask('k')).toBe('***k***')
    expect(redactor.add('stars', '***')).toBe('common')
  })

  it.each(['', '"', '\\', '<x>', '{x}', 'a\nb', 'é', '\x7f'])('mask %j is refused', (mask) => {
    expect(() => createRedactor({ mask: () => mask })).toThrow(refused)
  })

  it('a mask that throws later does not let the value through', () => {
    const mask = (label: string): string => {
      if (label === 'k') throw new Error('no mask')
      return '<*>'.slice(1, 2)
    }
    expect(createRedactor({ mask, secrets: { k: VALUE } }).text(`a ${VALUE} b`)).toBe('a * b')
  })

  it('a mask that gives no text for a label gives that of no label', () => {
    const masks: Record<string, string> = { '': '[hidden]', stripe: '[stripe key]' }
    const { add, text, json, value } = createRedactor({ mask: (label) => masks[label] as string })
    expect([add('stripe', 'sk-1234567'), add('db', VALUE)]).toEqual(['ok', 'ok'])
    expect(text(`sk-1234567 ${VALUE}`)).toBe('[stripe key] [hidden]')
    expect([json(`["${VALUE}"]`), value([VALUE])]).toEqual(['["[hidden]"]', ['[hidden]']])
    for (const mask of [() => undefined, (label: string) => (label === '' ? '[x]' : '<x>'), 'x'])
      expect(() => createRedactor({ mask } as unknown as RedactorOptions)).toThrow(refused)
    const throwing = (label: string): string => (label === '' ? '[x]' : fails())
    expect(createRedactor({ mask: throwing, secrets: { k: VALUE } }).text(VALUE)).toBe('[x]')
  })

  it.each([0, -1, 1.5, Number.NaN, '8', null])('minLength %j is refused', (minLength) => {
    expect(() => createRedactor({ minLength } as unknown as RedactorOptions)).toThrow(refused)
  })

  it.each([
    ['nothing', null],
    ['a text', VALUE],
    ['a Map', new Map([['k', VALUE]])],
    ['a promise', Promise.resolve({ k: VALUE })],
  ])('%s in place of secrets by label is refused: a redactor that knows nothing would print all', (_, secrets) => {
    expect(() => createRedactor({ secrets } as unknown as RedactorOptions)).toThrow(refused)
  })

  it('an unknown option is refused', () => {
    expect(() => createRedactor({ minlength: 3 } as RedactorOptions)).toThrow(refused)
  })

  it('minLength says from where on a value is found inside of words', () => {
    const { text } = createRedactor({ secrets: { k: 'abcd' }, minLength: 4 })
    expect(text('xabcdx')).toBe('x[secret:k]x')
    expect(createRedactor({ secrets: { k: 'abcd' }, minLength: 5 }).text('xabcdx')).toBe('xabcdx')
  })

  it.each(['a', 'Z', '0', '_', '-', 'ü', 'Я', '密'])('a short value is not found where %s touches it', (neighbour) => {
    const { text } = createRedactor({ secrets: { k: 'abcd' } })
    expect(text(`${neighbour}abcd`)).toBe(`${neighbour}abcd`)
    expect(text(`abcd${neighbour}`)).toBe(`abcd${neighbour}`)
  })

  it.each([' ', '.', ':', '/', '"', '=', '&', '\n', '(', '@', '+', '%', '\\'])(
    'a short value is found beside %j',
    (neighbour) => {
      const { text } = createRedactor({ secrets: { k: 'abcd' } })
      const written = `${neighbour}abcd${neighbour}`
      expect(text(written)).toBe(written.replace('abcd', '[secret:k]'))
    },
  )

  it('truncated finds what is left of a value that was cut off', () => {
    const secrets = { k: 'abcdefghijklmnopqrst' }
    const { text } = createRedactor({ secrets, truncated: { prefix: 8, suffix: 8 } })
    expect(text('= abcdefghij... =')).toBe('= [secret:k]... =')
    expect(text('= ...klmnopqrst =')).toBe('= ...[secret:k] =')
    expect(text('= abcdefg ... mnopqrs =')).toBe('= abcdefg ... mnopqrs =')
    expect(createRedactor({ secrets }).text('= abcdefghij...')).toBe('= abcdefghij...')
    expect(createRedactor({ secrets, truncated: { prefix: 8 } }).text('...klmnopqrst')).toBe('...klmnopqrst')
  })

  it('properties masks all but null under a name, in json and value alike, however the name is written', () => {
    const { json, value } = createRedactor({ properties: [...sensitiveProperties, 'über-key'] })
    const input = {
      Password: 'abc',
      token: 12,
      deep: [{ API_KEY: { a: [1] }, 'ÜBER-key': [null], pwd: null }],
      passwords: 'shown',
    }
    const expected = {
      Password: '[secret]',
      token: '[secret]',
      deep: [{ API_KEY: '[secret]', 'ÜBER-key': '[secret]', pwd: null }],
      passwords: 'shown',
    }
    expect(value(input)).toEqual(expected)
    expect(JSON.parse(json(JSON.stringify(input)))).toEqual(expected)
    expect(JSON.parse(json('{"p\\u0061ssword" : {"a":"}"}, "b":"x"}'))).toEqual({ password: '[secret]', b: 'x' })
    expect(json('{"a":"password"}')).toBe('{"a":"password"}')
  })
})

describe('a value of bytes', () => {
  it('that are text is found as text', () => {
    const redactor = createRedactor()
    expect(redactor.add('k', Buffer.from('pässwörd-密碼'))).toBe('ok')
    expect(redactor.text(`= ${JSON.stringify('pässwörd-密碼')}`)).toBe('= "[secret:k]"')
    expect(redactor.text(`= ${Buffer.from('pässwörd-密碼').toString('base64')}`)).toBe('= [secret:k]')
  })

  it('that are no text is found in base64, hexadecimal and in bytes, whatever becomes of the array', () => {
    const key = Uint8Array.from(noise('key', 32))
    key[0] = 0xff
    const written = Buffer.from(key)
    const redactor = createRedactor()
    expect(redactor.add('k', key)).toBe('ok')
    key.fill(0)
    for (const encoding of ['base64', 'base64url', 'hex'] as const) {
      expect(redactor.text(`= ${written.toString(encoding)} =`)).toBe('= [secret:k] =')
    }
    expect(redactor.text(`= ${written.join(',')} =`)).toBe('= [secret:k] =')
    const { push, end } = redactor.chunks<Uint8Array>()
    const output = Buffer.concat([
      push(Buffer.concat([Buffer.from('= '), written])),
      push(Buffer.from(' =')),
      end() ?? Buffer.of(),
    ])
    expect(output.toString()).toBe('= [secret:k] =')
  })

  it.each([undefined, null, 12345678, {}, ['hunter2-long-pw'], true])('is no %j', (value) => {
    expect(() => createRedactor().add('k', value as unknown as string)).toThrow(refused)
  })
})

describe('a redactor', () => {
  it('shows no value, however it is printed or taken apart', () => {
    const redactor = createRedactor({ secrets: { k: VALUE, short: 'pin7' } })
    const printed = [
      inspect(redactor, { depth: 20, showHidden: true, getters: true }),
      JSON.stringify(redactor),
      String(redactor),
    ]
    const parts = Object.values(redactor).map((part) => inspect(part, { depth: 20, showHidden: true }) + String(part))
    for (const text of [...printed, ...parts]) expect(text).not.toMatch(/hunter2|pin7|aHVudGVy|68756e/)
  })

  it('shows no value in what it throws', () => {
    const redactor = createRedactor()
    for (const call of [
      () => redactor.add('no label', VALUE),
      () => redactor.add(`${VALUE} `, VALUE),
      () => createRedactor({ secrets: { 'no label': VALUE } }),
    ]) {
      let thrown: unknown
      try {
        call()
      } catch (error) {
        thrown = error
      }
      expect(thrown).toEqual(refused)
      expect(inspect(thrown, { depth: 9 })).not.toContain('hunter2')
    }
  })

  it('shares nothing with another one', () => {
    const [one, two] = [createRedactor({ secrets: { k: VALUE } }), createRedactor({ secrets: { k: 'another-value' } })]
    expect(two.text(VALUE)).toBe(VALUE)
    two.remove('k')
    expect(one.text(`${VALUE} another-value`)).toBe('[secret:k] another-value')
    one.add('weak', 'abc')
    expect(two.weak.size).toBe(0)
  })

  it('can be taken apart, since every method is bound', () => {
    const { add, remove, text, json, value, find, mask, chunks, stream } = createRedactor()
    add('k', VALUE)
    expect([VALUE].map(text)).toEqual(['[secret:k]'])
    expect([json(VALUE), value(VALUE), mask('k'), find(VALUE).length, chunks<string>().push(`${VALUE} `)]).toEqual([
      '[secret:k]',
      '[secret:k]',
      '[secret:k]',
      1,
      '[secret:k] ',
    ])
    expect(stream()).toBeInstanceOf(TransformStream)
    remove('k')
    expect(text(VALUE)).toBe(VALUE)
  })
})

describe('what a last look found', () => {
  it('an escape of four digits does not take a brace behind it', () => {
    const { text } = createRedactor({ secrets: { k: '{"a":"x-y"}z' } })
    expect(text('v={\\u0022a\\u0022:\\u0022x-y\\u0022}z;')).toBe('v=[secret:k];')
    expect(text('v=\\u{7b}\\u{22}a\\u{22}:\\u{22}x-y\\u{22}}z;')).toBe('v=[secret:k];')
  })

  it('more matches than a call takes arguments are found', () => {
    const redactor = createRedactor({ secrets: { k: 'hunter2-long-pw' } })
    expect(redactor.find('hunter2-long-pw '.repeat(200_000))).toHaveLength(200_000)
  })

  it('a value of invisible characters masks no ordinary text', () => {
    const value = `ab${'\u200b'.repeat(6)}`
    const redactor = createRedactor({ secrets: { k: value } })
    expect(redactor.text('an abandoned cab')).toBe('an abandoned cab')
    expect(redactor.text(`= ${value} =`)).toBe('= [secret:k] =')
  })

  it('a stream that is open learns what is added after many removals', () => {
    const redactor = createRedactor({ secrets: { kept: 'hunter2-long-pw' } })
    const { push, end } = redactor.chunks<string>()
    push('.')
    for (let turn = 0; turn < 50; turn++) {
      redactor.add('turn', `token-number-${turn}-x`)
      redactor.remove('turn')
    }
    redactor.add('new', 'one-more-value')
    expect(push('one-more-') + push('value hunter2-') + push('long-pw') + (end() ?? '')).toBe(
      '[secret:new] [secret:kept]',
    )
  })
  it('of a match across tokens of JSON each string loses its own piece, and a scalar all of it', () => {
    const jsonOf = (k: string) => createRedactor({ secrets: { k } }).json
    expect(jsonOf('b","cdef')('{"a":"xb","cdefy":1}')).toBe('{"a":"x[secret:k]","[secret:k]y":1}')
    expect(jsonOf('1,"b":"cdef')('{"a":991,"b":"cdefg"}')).toBe('{"a":"[secret:k]","[secret:k]":"[secret:k]g"}')
    expect(jsonOf('é-ab\ncdef')('{"a":"x\\u00e9-ab\\ncdefy"}')).toBe('{"a":"x[secret:k]y"}')
  })

  it('the password of a connection string in the manner of libpq is a part', () => {
    const { find } = createRedactor({ secrets: { k: 'host=db password=s3cr3t-9f8e7d' } })
    expect(find('as s3cr3t-9f8e7d')).toEqual([{ label: 'k', form: 'part', start: 3, end: 16 }])
  })

  it('the leaf of JSON of any depth is found', () => {
    const depth = 20_000
    const { find } = createRedactor({ secrets: { k: `${'['.repeat(depth)}"hunter2-long-pw"${']'.repeat(depth)}` } })
    expect(find('= hunter2-long-pw')).toEqual([{ label: 'k', form: 'leaf', start: 2, end: 17 }])
  })
})

it('one value of a label is forgotten without the others, and stays under another label', () => {
  const redactor = createRedactor({ secrets: { k: 'hunter2-long-pw', other: 'shared-value-1' } })
  redactor.add('k', 'shared-value-1')
  redactor.add('k', 'pin9')
  redactor.remove('k', 'hunter2-long-pw')
  redactor.remove('k', 'never-known')
  expect(redactor.text('hunter2-long-pw shared-value-1 pin9')).toMatch(/^hunter2-long-pw \[secret:\w+\] \[secret:k\]$/)
  expect([...redactor.weak]).toEqual([['k', 'short']])
  redactor.remove('k', new TextEncoder().encode('shared-value-1'))
  expect(redactor.text('shared-value-1')).toBe('[secret:other]')
  redactor.remove('k')
  expect(redactor.text('pin9')).toBe('pin9')
  expect(redactor.weak.size).toBe(0)
})

it('one value is forgotten also where it was added with parts of its own', () => {
  const redactor = createRedactor()
  redactor.add('k', 'hunter2-long-pw', { parts: 'all' })
  redactor.add('k', 'not-hunter2-long-pw', { parts: 'all' })
  redactor.remove('k', 'hunter2-long-pw')
  expect(redactor.text('hunter2-long-pw')).toBe('hunter2-long-pw')
  expect(redactor.text('not-hunter2-long-pw')).toBe('[secret:k]')
})

it('what is removed is held no longer among the last values of a name either', () => {
  const forget = vi.spyOn(RecentValues.prototype, 'forget')
  onTestFinished(() => forget.mockRestore())
  const redactor = createRedactor()
  redactor.add('k', 'hunter2-long-pw', { of: 'the token of ci' })
  redactor.remove('k')
  const [label, isMeant] = forget.mock.calls[0]!
  expect([label, isMeant('hunter2-long-pw')]).toEqual(['k', true])
})
