/** A path prefix holds whatever a server makes of the path. */

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseAllow } from '../../src/secrets/allow.ts'
import { denialOf } from '../../src/secrets/denial.ts'
import { isUnderPrefix, mayClimb } from '../../src/secrets/path-prefix.ts'

const RULE = parseAllow({ hosts: ['api.acme.dev/v2/', 'api.acme.dev/Reports/daily', 'other.acme.dev'] })

function denial(url: string, rule = RULE) {
  const use = { location: 'header', name: 'x', path: undefined, shownHost: undefined, urlPaths: undefined } as const
  return denialOf(rule, 'a', { ...use, destination: { url: new URL(url), method: 'GET' } })
}

describe('a rule with a path', () => {
  it.each([
    'https://api.acme.dev/v2',
    'https://api.acme.dev/v2/',
    'https://api.acme.dev/v2/users/5?q=..%2f..#x',
    'https://api.acme.dev/v1/../v2/x',
    'https://api.acme.dev/v1/%2e%2e/v2/x',
    'https://api.acme.dev/x\\..\\v2\\y',
    'https://api.acme.dev/v2//users',
    'https://api.acme.dev/v2/group%2Fproject',
    'https://api.acme.dev/v2/a..b/...x/.hidden',
    'https://api.acme.dev/v2/100%25',
    'https://api.acme.dev/v2/what%3Fx/a%23b/c%00d',
    'https://api.acme.dev/v2/a;b=c',
    'https://api.acme.dev/Reports/daily/1',
    'https://other.acme.dev/anything/..%2f..',
  ])('permits %s', (url) => {
    expect(denial(url)).toBeUndefined()
  })

  it.each([
    'https://api.acme.dev',
    'https://api.acme.dev/v1/x',
    'https://api.acme.dev/v2x',
    'https://api.acme.dev/v2.',
    'https://api.acme.dev/v2;x/y',
    'https://api.acme.dev/V2/x',
    'https://api.acme.dev//v2/x',
    'https://api.acme.dev/%76%32/x',
    'https://api.acme.dev/v2%2fx',
    'https://api.acme.dev/v2/../admin',
    'https://api.acme.dev/v2/%2e%2e/admin',
    'https://api.acme.dev/v2\\..\\admin',
    'https://api.acme.dev/v2/..%2fadmin',
    'https://api.acme.dev/v2/%2e%2e%2fadmin',
    'https://api.acme.dev/v2/..%5cadmin',
    'https://api.acme.dev/v2/..%255cadmin',
    'https://api.acme.dev/v2/%252e%252e%252fadmin',
    'https://api.acme.dev/v2/%25252e%25252e/admin',
    'https://api.acme.dev/v2/%25252525252e%25252525252e/admin',
    'https://api.acme.dev/v2/..;/admin',
    'https://api.acme.dev/v2/..;x=y/admin',
    'https://api.acme.dev/v2/..%3b/admin',
    'https://api.acme.dev/v2/x%2f..%2f..%2fadmin',
    'https://api.acme.dev/v2/..%00/admin',
    'https://api.acme.dev/v2/..%00x',
    'https://api.acme.dev/v2/..%2500.json',
    'https://api.acme.dev/v2/..%3Fx',
    'https://api.acme.dev/v2/..%23x',
    'https://api.acme.dev/v2/.%2e%23/admin',
    // of another character set than UTF-8: nobody can say what it is to the server
    'https://api.acme.dev/v2/caf%E9',
    'https://api.acme.dev/v2/..%20/admin',
    'https://api.acme.dev/v2/.%09./admin',
    'https://api.acme.dev/v2/.../admin',
    'https://api.acme.dev/v2/%c0%ae%c0%ae/admin',
    'https://api.acme.dev/v2/%u002e%u002e/admin',
    'https://api.acme.dev/v2/%ef%bc%8e%ef%bc%8e/admin',
    'https://api.acme.dev/v2/..%ef%bc%8fadmin',
    'https://api.acme.dev/v2/..%e2%88%95admin',
    'https://api.acme.dev/reports/daily',
    'https://api.acme.dev/Reports/dailyx',
  ])('refuses %s', (url) => {
    expect(denial(url)).toMatchObject({ code: 'ERR_PATH_DENIED', status: 403, tag: 'a', host: 'api.acme.dev' })
  })

  it('is not in the way of another rule for the same host', () => {
    const wider = parseAllow({ hosts: ['api.acme.dev/v2', 'api.acme.dev'] })
    expect(denial('https://api.acme.dev/v2/..%2fadmin', wider)).toBeUndefined()
  })

  it('is taken with a port, a star, plain http and any port of this machine', () => {
    const rule = parseAllow({ hosts: ['*.acme.io:8443/v2', 'http://localhost:*/v2', 'HTTP://10.0.0.1/V/'] })
    expect(rule.hosts).toEqual(['*.acme.io:8443/v2', 'http://localhost:*/v2', 'http://10.0.0.1/V'])
    for (const origin of ['https://a.acme.io:8443/v2', 'http://localhost:1/v2', 'http://10.0.0.1/V']) {
      expect(denial(`${origin}/x`, rule)).toBeUndefined()
      expect(denial(`${origin}x`, rule)?.code).toBe('ERR_PATH_DENIED')
    }
  })
})

describe('the refusal of a path', () => {
  it.each([
    ['https://api.acme.dev/v1/users', 'add "api.acme.dev/v1" to allow.hosts'],
    ['https://api.acme.dev/Reports/weekly/7', 'add "api.acme.dev/Reports/weekly" to allow.hosts'],
    ['https://api.acme.dev/', 'add "api.acme.dev/" and the beginning of its path to allow.hosts'],
    ['https://api.acme.dev/T00SECRET99/x', 'add "api.acme.dev/" and the beginning of its path to allow.hosts'],
    ['https://api.acme.dev/v2/..%2fSECRET', 'a server could read a step upwards'],
  ])('of %s says which rule would allow it, and no more of the path', (url, advice) => {
    const { message } = denial(url)!
    expect(message).toContain(advice)
    expect(message).not.toMatch(/SECRET|users|7/)
  })

  it('shows neither host nor path where the host came out of a secret', () => {
    const use = { location: 'header', name: 'x', path: undefined, urlPaths: undefined } as const
    const destination = { url: new URL('https://api.acme.dev/v1'), method: 'GET' }
    const { message } = denialOf(RULE, 'a', { ...use, shownHost: '[secret:h]', destination })!
    expect(message).not.toContain('acme')
  })
})

describe('no reading of a path', () => {
  const piece = fc.constantFrom('..', '.', '%2e', '%2f', '%5c', '%252e', '%252f', '/', '\\', ';', 'a', 'v2', '%3b', ' ')

  /** Every path that a careless server makes of it: decoded up to four times, with parameters cut off or not. */
  function readings(path: string): string[] {
    const decoded = [path]
    for (let round = 0; round < 4; round++) {
      decoded.push(
        decoded.at(-1)!.replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(parseInt(hex, 16))),
      )
    }
    return decoded
      .flatMap((text) => [text, text.replace(/;[^/\\]*/g, '')])
      .map((text) => {
        const left: string[] = []
        for (const segment of text.split(/[/\\]/)) {
          if (segment === '..') left.pop()
          else if (segment !== '.' && segment !== '') left.push(segment)
        }
        return `/${left.join('/')}`
      })
  }

  it('that is permitted leaves the prefix', () => {
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        const { pathname } = new URL(`https://h.example/v2/${pieces.join('')}`)
        if (!isUnderPrefix(pathname, '/v2') || mayClimb(pathname)) return
        for (const reading of readings(pathname)) expect(reading).toMatch(/^\/v2(?:[/;]|$)/)
      }),
      { numRuns: 2_000 },
    )
  })
})
