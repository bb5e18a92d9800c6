import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import type { Kind } from '../../src/location.ts'
import { errorOf, resolveAs } from './harness.ts'

const secrets = {
  token: 't0k3n',
  odd: 'a b&c/"d"',
  login: { username: 'Aladdin', password: 'open sesame' },
  db: { host: 'db.example.com', port: 5432, tls: true },
  hook: 'https://hooks.example.com/T0/x?y=1',
}

const text = readFileSync(new URL('../../docs/GRAMMAR.md', import.meta.url), 'utf8')
const lines = [...text.matchAll(/^```guillemet\n([\s\S]*?)^```$/gm)].flatMap(([, block]) =>
  block!.trimEnd().split('\n'),
)
const examples = lines.map((line) => /^(\w+) +(.*?) +→ {3}(.*)$/.exec(line) ?? [line])

it('has examples that can be read', () => {
  expect(examples.length).toBeGreaterThan(30)
  expect(examples.filter((example) => example.length === 1)).toEqual([])
})

it.each(
  examples.map(
    ([line, as, template, result]) => [line!.replaceAll(/ +/g, ' '), as as Kind, template!, result!] as const,
  ),
)('%s', (_line, as, template, result) => {
  if (result.startsWith('!')) expect(errorOf(() => resolveAs(as, template, secrets)).code).toBe(result.slice(1))
  else expect(resolveAs(as, template, secrets)).toBe(result)
})
