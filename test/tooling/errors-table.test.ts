/** The table of docs/ERRORS.md is held against src/errors.ts: every code once, with a status and fields that exist. */

import ts from 'typescript'
import { describe, expect, it } from 'vitest'
import { GuillemetError, type GuillemetErrorCode } from '../../src/errors.ts'
import { filesOf, read } from './repository.ts'

const source = read('src/errors.ts')
/** The members of the union: each stands on a line of its own. */
const codes = [...source.matchAll(/^ {2}\| '(ERR_[A-Z_]+)'$/gm)].map(([, code]) => code!)
const fields = [...source.matchAll(/^ {2}declare readonly (\w+)\?:/gm)].map(([, field]) => field!)
const missing = ['tag', 'field', 'path', 'suggestion', 'hasNoFields', 'isDeleted']
const rows = [...read('docs/ERRORS.md').matchAll(/^\| `(ERR_\w+)` \| (\d+) \| (.+) \| ?(.*) \|$/gm)].map(
  ([, code, status, when, named]) => ({
    code: code!,
    status: Number(status),
    when: when!,
    named: [...named!.matchAll(/`(\w+)`/g)].map(([, field]) => field!),
  }),
)

/** The fields that the source gives to each code, where both are written out. */
function thrownFields(): ReadonlyMap<string, ReadonlySet<string>> {
  const thrown = new Map<string, Set<string>>()
  const visit = (node: ts.Node): void => {
    ts.forEachChild(node, visit)
    if (!ts.isNewExpression(node) || !ts.isIdentifier(node.expression)) return
    const [code, , given] = node.arguments ?? []
    if (node.expression.text !== 'GuillemetError' || code === undefined || !ts.isStringLiteral(code)) return
    const known = thrown.get(code.text) ?? new Set()
    thrown.set(code.text, known)
    if (given === undefined || !ts.isObjectLiteralExpression(given)) return
    for (const { name } of given.properties) if (name !== undefined && ts.isIdentifier(name)) known.add(name.text)
  }
  for (const [path, text] of filesOf('src', '.ts')) visit(ts.createSourceFile(path, text, ts.ScriptTarget.Latest))
  return thrown
}

describe('the table of errors', () => {
  it('has every code of the union once, in its order, and no other', () => {
    expect(codes.length).toBeGreaterThan(30)
    expect(rows.map(({ code }) => code)).toEqual(codes)
  })

  it('has the status of HTTP for each that the error carries', () => {
    const STATUSES = [400, 403, 404, 409, 422, 500, 502, 503, 504]
    expect(rows.filter(({ status }) => !STATUSES.includes(status))).toEqual([])
    const carried = rows.map(({ code }) => new GuillemetError(code as GuillemetErrorCode, '').status)
    expect(carried).toEqual(rows.map(({ status }) => status))
  })

  it('names fields that an error can have', () => {
    expect(fields.length).toBeGreaterThan(5)
    const known = (code: string) => (code === 'ERR_MISSING_SECRETS' ? [...fields, ...missing] : fields)
    expect(rows.filter(({ code, named }) => named.some((field) => !known(code).includes(field)))).toEqual([])
  })

  it('names every field that the source gives to a code', () => {
    const thrown = thrownFields()
    expect(thrown.size).toBeGreaterThan(20)
    const unnamed = rows.map(({ code, named }) => {
      const all = [...(thrown.get(code) ?? [])]
      return `${code}: ${all.filter((field) => !named.includes(field)).sort()}`
    })
    expect(unnamed.filter((line) => !line.endsWith(': '))).toEqual([])
  })
})
