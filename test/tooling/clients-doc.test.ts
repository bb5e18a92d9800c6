/** docs/CLIENTS.md against what it speaks of: the credential headers, and the versions that are tested. */

import { expect, it } from 'vitest'
import { CREDENTIAL_HEADERS } from '../../src/http/credential-headers.ts'
import { read } from './repository.ts'

const page = read('docs/CLIENTS.md')

it('lists every credential header, in the order of the source', () => {
  const list = /The credential headers:([^.]+)\.\n/.exec(page)![1]!
  expect([...list.matchAll(/`([^`]+)`/g)].map(([, name]) => name)).toEqual(CREDENTIAL_HEADERS)
})

it('names the versions that are installed for the tests', () => {
  const { dependencies } = JSON.parse(read('test/clients/package.json')) as { dependencies: Record<string, string> }
  const rows = [...page.matchAll(/^\| ([@\w/, .-]+?)(?:,? (?:with|streamable) .+)? \| [^|]+ \| ([\d., ]+) \|$/gm)]
  const named = rows.flatMap(([, names, versions]) => {
    const each = versions!.split(', ')
    return names!.split(', ').map((name, index) => [name.trim(), each[index]?.trim()] as const)
  })
  expect(named.length).toBeGreaterThanOrEqual(10)
  for (const [name, version] of named) expect(dependencies[name!], name).toMatch(new RegExp(`^${version}\\.`))
})
