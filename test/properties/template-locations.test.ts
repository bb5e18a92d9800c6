/** The real parser of each place gives the value back unchanged, or the value is refused. */

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { codeOf } from '../../src/errors.ts'
import type { Kind } from '../../src/location.ts'
import { render } from '../../src/template.ts'
import { runs } from '../tooling/runs.ts'
import { anyValue } from './template-arbitraries.ts'

const rendered = (template: string, value: string, as: Kind): string | undefined => {
  try {
    return render(template, () => value, { as })
  } catch (error) {
    expect(codeOf(error)).toMatch(/^ERR_UNSAFE_(HEADER|URL|ENV)_VALUE$/)
    return undefined
  }
}
const law = (check: (value: string) => void, examples = 1_000) =>
  fc.assert(fc.property(anyValue, check), { numRuns: runs(examples) })

describe('gives the value back', () => {
  it('JSON.parse, inside a string and outside of one', () => {
    law((value) => {
      const text = rendered('{"a":"<{{ secrets.v }}>","b":{{ secrets.v }},"c":["{{secrets.v}}"]}', value, 'json')!
      expect(JSON.parse(text)).toEqual({ a: `<${value}>`, b: value, c: [value] })
    })
  })

  it('URLSearchParams, from form text and from a query', () => {
    law((value) => {
      expect([...new URLSearchParams(rendered('a=1&k={{ secrets.v }}&b=2', value, 'form'))]).toEqual([
        ['a', '1'],
        ['k', value],
        ['b', '2'],
      ])
      const url = new URL(rendered('https://h/p?a=1&k={{ secrets.v }}&b=2#f', value, 'url')!)
      expect([...url.searchParams]).toEqual([
        ['a', '1'],
        ['k', value],
        ['b', '2'],
      ])
      expect(url.hash).toBe('#f')
    })
  })

  it('URL, from path, password and fragment', () => {
    law((value) => {
      const text = rendered('https://u:{{ secrets.v }}@h:8443/a/{{ secrets.v }}/b#{{ secrets.v }}', value, 'url')
      if (text === undefined) {
        expect(['.', '..']).toContain(value)
        return
      }
      const url = new URL(text)
      expect([url.protocol, url.username, url.host, url.search]).toEqual(['https:', 'u', 'h:8443', ''])
      expect(decodeURIComponent(url.password)).toBe(value)
      expect(url.pathname.split('/').map(decodeURIComponent)).toEqual(['', 'a', value, 'b'])
      expect(decodeURIComponent(url.hash.slice(1))).toBe(value)
    })
  })

  it('URL, from a user name', () => {
    law((value) => {
      const text = rendered('https://{{ secrets.v }}:p@h/', value, 'url')
      if (text === undefined) expect(value).toContain(':')
      else expect(decodeURIComponent(new URL(text).username)).toBe(value)
    })
  })

  it('Headers', () => {
    law((value) => {
      for (const template of [
        '{{ secrets.v }}',
        'Bearer {{ secrets.v }}',
        '{{ secrets.v }};x',
        'a {{ secrets.v }} b',
      ]) {
        const text = rendered(template, value, 'headers')
        const naive = template.replace('{{ secrets.v }}', () => value)
        if (text === undefined) expect(naive).toMatch(/[^\t\x20-\x7e\x80-\xff]|^[\s]|[\s]$/)
        else expect([new Headers([['x', text]]).get('x'), text]).toEqual([naive, naive])
      }
    })
  })

  it('an environment', () => {
    law((value) => {
      const text = rendered('a{{ secrets.v }}', value, 'env')
      expect(text).toBe(value.includes('\0') ? undefined : `a${value}`)
    })
  })

  it('URLSearchParams and URL instances', () => {
    law((value) => {
      const params = render(new URLSearchParams({ k: '<< secrets.v >>' }), () => value, { as: 'form' })
      expect(new URLSearchParams(String(params)).get('k')).toBe(value)
      const url = new URL('https://h/')
      url.searchParams.set('k', '{{ secrets.v }}')
      expect(render(url, () => value, { as: 'url' }).searchParams.get('k')).toBe(value)
    }, 500)
  })
})

describe('a URL', () => {
  const filter = fc.constantFrom('', ' | raw', ' | urlencode', ' | trim', ' | json')
  const piece = fc.constantFrom('', '/', '//', 'x', '.', '..', '?', '#', '@', ':', '\\\\', '%2e', '&k=', '[', ']', '8')

  it('never leads to another host than its author wrote, whatever the values and filters', () => {
    const start = fc.constantFrom('https://h/', 'https://u:p@h/', 'https://h:8443?', 'https://h#', '/x', 'x/', '?', '#')
    fc.assert(
      fc.property(
        start,
        fc.array(fc.tuple(piece, filter), { maxLength: 4 }),
        piece,
        anyValue,
        (begin, parts, end, value) => {
          const references = parts.map(([text, name]) => `${text}{{ secrets.v${name} }}`).join('')
          const url = rendered(`${begin}${references}${end}`, value, 'url')
          if (url === undefined) return
          const { protocol, host } = new URL(url, 'http://base.invalid')
          const written = new URL(begin, 'http://base.invalid')
          expect([protocol, host]).toEqual([written.protocol, written.host])
        },
      ),
      { numRuns: runs(3_000) },
    )
  })

  it('with a secret as its host leads exactly there', () => {
    const host = fc.oneof(
      anyValue,
      fc.domain(),
      fc.ipV4(),
      fc.ipV4Extended(),
      fc.ipV6().map((address) => `[${address}]`),
      fc.tuple(fc.domain(), fc.nat(70_000)).map(([name, port]) => `${name}:${port}`),
    )
    const end = fc.constantFrom('', '/', '/x', ':8443/', '.example.com/', '.example.com:1/x', '?q', '#f')
    fc.assert(
      fc.property(host, end, filter, (value, suffix, name) => {
        const url = rendered(`https://{{ secrets.v${name} }}${suffix}`, value, 'url')
        if (url === undefined) return
        const named = /^(\[[^\]]*\]|[^:/?#]*)/.exec(`${value.trim()}${suffix}`)![0]
        expect(new URL(url).hostname).toBe(named.toLowerCase())
      }),
      { numRuns: runs(3_000) },
    )
  })

  it('that begins with a secret leads where that secret does', () => {
    const base = fc.oneof(anyValue, fc.webUrl({ withQueryParameters: true, withFragments: true }), fc.webUrl())
    fc.assert(
      fc.property(base, piece, filter, (value, suffix, name) => {
        const url = rendered(`{{ secrets.v${name} }}${suffix}`, value, 'url')
        if (url !== undefined) expect(new URL(url).origin).toBe(new URL(value.trim()).origin)
      }),
      { numRuns: runs(2_000) },
    )
  })
})
