import { expect, it } from 'vitest'
import type { Reference } from '../../src/location.ts'
import { checkFields, type FieldNames } from '../../src/template/values.ts'
import { references } from '../../src/template.ts'

const known: Readonly<Record<string, FieldNames>> = {
  text: null,
  login: ['username', 'password'],
  db: ['host', 'port'],
  one: ['only'],
}
const fieldsOf = (tag: string) => (Object.hasOwn(known, tag) ? known[tag] : undefined)
const faults = (text: string) => checkFields(references(text), fieldsOf)

it('finds nothing wrong with what is there', () => {
  expect(
    faults(
      '{{ secrets.text }}{{ secrets.login.username }}{{ secrets.login | basic }}{{ secrets.db | json }}{{ secrets.text | json }}',
    ),
  ).toEqual({ missing: [] })
})

it('lists every occurrence that is missing, a field with its suggestion', () => {
  expect(
    faults('{{ secrets.no.x }}{{ secrets.text.x }}{{ secrets.db.prot }}{{ secrets.db.zzz }}{{ secrets.no.x }}'),
  ).toEqual({
    missing: [
      { tag: 'no', path: '' },
      { tag: 'text', field: 'x', path: '', hasNoFields: true },
      { tag: 'db', field: 'prot', path: '', suggestion: 'port' },
      { tag: 'db', field: 'zzz', path: '' },
      { tag: 'no', path: '' },
    ],
  })
})

it('takes no name of the language for a field', () => {
  expect(faults('{{ secrets.db.constructor }}{{ secrets.constructor }}').missing).toHaveLength(2)
})

it('asks for a field where there are some, even a single one, and shows how', () => {
  const { missing, fieldRequired } = faults('{{ secrets.one }}{{ secrets.db }}')
  expect(missing).toEqual([])
  expect(fieldRequired).toMatchObject({ code: 'ERR_FIELD_REQUIRED', tag: 'one', fields: ['only'], path: '' })
  expect(fieldRequired?.message).toContain('"secrets.one.only"')
})

it('suggests basic for a user name with its password', () => {
  expect(faults('{{ secrets.login }}').fieldRequired?.message).toContain('Basic << secrets.login | basic >>')
  expect(faults('{{ secrets.login | base64 }}').fieldRequired?.fields).toEqual(['username', 'password'])
})

it('asks for user name and password where basic needs them', () => {
  expect(faults('{{ secrets.db | basic }}').fieldRequired).toMatchObject({
    code: 'ERR_FIELD_REQUIRED',
    fields: ['host', 'port'],
  })
  expect(faults('{{ secrets.text | basic }}').fieldRequired).toMatchObject({ code: 'ERR_FIELD_REQUIRED', fields: [] })
})

it('reads references by own key', () => {
  const bare = { tag: 'text', filters: [], path: '', index: 0, location: 'value' } satisfies Reference
  const inherited = Object.assign(Object.create({ field: 'x' }) as object, bare) as Reference
  expect(checkFields([inherited], fieldsOf)).toEqual({ missing: [] })
})
