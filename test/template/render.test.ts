import { describe, expect, it } from 'vitest'
import { setOwn } from '../../src/plain-object.ts'
import type { SecretValue } from '../../src/secret-value.ts'
import { compile, DEFAULT_SYNTAX } from '../../src/template/compile.ts'
import { render } from '../../src/template/render.ts'
import { errorOf, lookupIn, resolveAs, resolveText } from './harness.ts'

const plan = (template: unknown) => compile(template, 'value', DEFAULT_SYNTAX)

describe('what is missing', () => {
  const template = {
    a: '{{ secrets.none }} {{ secrets.ok }} {{ secrets.db.nope }}',
    b: ['{{ secrets.ok.field }}', '{{ secrets.none.x }}', '{{ secrets.db.pasword }}'],
  }
  const secrets = { ok: 'x', db: { username: 'u', password: 'p' } }

  it('is one error with every occurrence in document order', () => {
    const error = errorOf(() => resolveAs('value', template, secrets))
    expect(error.code).toBe('ERR_MISSING_SECRETS')
    expect(error.missing).toEqual([
      { tag: 'none', path: 'a' },
      { tag: 'db', field: 'nope', path: 'a' },
      { tag: 'ok', field: 'field', path: 'b[0]', hasNoFields: true },
      { tag: 'none', path: 'b[1]' },
      { tag: 'db', field: 'pasword', path: 'b[2]', suggestion: 'password' },
    ])
    expect(error.message).toContain('"db.nope" at a')
  })

  it('is named up to five times in the message', () => {
    const error = errorOf(() => resolveText('{{ secrets.x }}'.repeat(7)))
    expect(error.missing).toHaveLength(7)
    expect(error.message).toContain('and 2 more')
  })

  it('stays byte for byte where it is to be kept, and the rest is put in', () => {
    const kept = resolveAs('value', template, secrets, { onMissing: 'keep' })
    expect(kept).toEqual({
      a: '{{ secrets.none }} x {{ secrets.db.nope }}',
      b: ['{{ secrets.ok.field }}', '{{ secrets.none.x }}', '{{ secrets.db.pasword }}'],
    })
  })

  it('keeps its backslashes, so that a later pass reads what this one did', () => {
    const text = '\\\\{{ secrets.a }} \\\\\\\\<< secrets.b | trim >> {{{ secrets.c }}}'
    const kept = resolveAs('value', text, {}, { onMissing: 'keep' })
    expect(kept).toBe(text)
    expect(resolveText(kept, { a: 'A', b: 'B', c: 'C' })).toBe(resolveText(text, { a: 'A', b: 'B', c: 'C' }))
  })

  it('is kept in every kind', () => {
    const keep = { onMissing: 'keep' } as const
    const text = 'x {{ secrets.a }}'
    for (const as of ['env', 'headers', 'form'] as const) expect(resolveAs(as, text, {}, keep)).toBe(text)
    expect(resolveAs('json', `["${text}"]`, {}, keep)).toBe(`["${text}"]`)
    expect(resolveAs('headers', '{{ secrets.a }}', {}, keep)).toBe('{{ secrets.a }}')
  })

  it('does not hide that a field is not named', () => {
    const error = errorOf(() =>
      resolveAs('value', '{{ secrets.none }}{{ secrets.db }}', secrets, { onMissing: 'keep' }),
    )
    expect(error.code).toBe('ERR_FIELD_REQUIRED')
    expect(errorOf(() => resolveText('{{ secrets.db }}{{ secrets.none }}', secrets)).code).toBe('ERR_MISSING_SECRETS')
  })
})

describe('a look-up', () => {
  it('may answer with the names of the language itself', () => {
    const fields: Record<string, string> = Object.create(null)
    setOwn(fields, '__proto__', 'p')
    setOwn(fields, 'constructor', 'c')
    expect(resolveText('{{ secrets.x.__proto__ }}{{ secrets.x.constructor }}', { x: fields })).toBe('pc')
    for (const text of [
      '{{ secrets.x.toString }}',
      '{{ secrets.x.__proto__ }}',
      '{{ secrets.toString }}',
      '{{ secrets.__proto__ }}',
    ]) {
      expect(errorOf(() => resolveText(text, { x: { a: 'b' } })).code).toBe('ERR_MISSING_SECRETS')
    }
  })

  it.each([[7], [true], [null], [() => 'x'], [Symbol('x')]])('that answers with %o is refused', (value) => {
    const wrong = () => value as unknown as SecretValue
    expect(errorOf(() => render(plan('{{ secrets.a }}'), wrong))).toMatchObject({ code: 'ERR_INVALID_INPUT', tag: 'a' })
  })

  it('that answers with a field of another type is refused', () => {
    for (const field of [{}, null, undefined, 7n]) {
      const wrong = () => ({ f: field }) as unknown as SecretValue
      expect(errorOf(() => render(plan('{{ secrets.a.f }}'), wrong))).toMatchObject({
        code: 'ERR_INVALID_INPUT',
        tag: 'a',
      })
    }
  })

  it('is asked for each reference, and its value is never read for references', () => {
    const asked: string[] = []
    const result = render(plan(['{{ secrets.a }}{{ secrets.b }}', '{{ secrets.a }}']), (tag) => {
      asked.push(tag)
      return `{{ secrets.${tag} }}\\`
    })
    expect(asked).toEqual(['a', 'b', 'a'])
    expect(result).toEqual(['{{ secrets.a }}\\{{ secrets.b }}\\', '{{ secrets.a }}\\'])
  })
})

describe('a plan', () => {
  it('renders as often as one likes, each time into a new copy', () => {
    const prepared = plan({ a: '{{ secrets.a }}', b: { c: ['{{ secrets.a }}'] } })
    const first = render(prepared, () => '1') as { b: { c: string[] } }
    first.b.c.push('x')
    expect(render(prepared, () => '2')).toEqual({ a: '2', b: { c: ['2'] } })
  })

  it('holds its references frozen', () => {
    const { references } = plan({ a: '{{ secrets.a.f | trim }}' })
    expect(references).toEqual([{ tag: 'a', field: 'f', filters: ['trim'], path: 'a', index: 0, location: 'value' }])
    expect(
      Object.isFrozen(references) && Object.isFrozen(references[0]) && Object.isFrozen(references[0]?.filters),
    ).toBe(true)
    const bare = plan('{{ secrets.a }}').references[0]!
    expect(Object.hasOwn(bare, 'field')).toBe(false)
  })

  it('is of the template as it was read', () => {
    const template = { a: '{{ secrets.a }}', b: 'x' }
    const prepared = plan(template)
    template.a = '{{ secrets.b }}'
    template.b = 'y'
    expect(render(prepared, () => '1')).toEqual({ a: '1', b: 'x' })
    expect(render(plan(template), () => '1')).toEqual({ a: '1', b: 'y' })
  })

  it('of the same template gives equal copies, each of its own', () => {
    const prepared = compile({ A: ['a {{ secrets.a }}'], B: { C: '{{ secrets.a }}' } }, 'value', DEFAULT_SYNTAX)
    const copy = render(prepared, () => 'v') as { A: string[]; B: { C: string } }
    copy.A.push('x')
    copy.B.C = 'x'
    expect(render(prepared, () => 'v')).toEqual({ A: ['a v'], B: { C: 'v' } })
    expect(render(prepared, () => 'w')).toEqual({ A: ['a w'], B: { C: 'w' } })
  })

  it('is kept no longer than the parser keeps its texts', () => {
    const lookup = lookupIn({})
    for (let index = 0; index < 1500; index++) render(plan({ A: `{{ secrets.x }} ${index}` }), () => 'v')
    expect(render(plan('x'), lookup)).toBe('x')
  })
})
