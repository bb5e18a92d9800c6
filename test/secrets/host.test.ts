import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compareHost, isLoopback, normaliseHostRule } from '../../src/secrets/host.ts'
import { hostRule } from './arbitraries.ts'

const compare = (rule: string, url: string): string => {
  const normal = normaliseHostRule(rule)
  if (normal === undefined) throw new Error('the test gave no rule')
  return compareHost(normal, new URL(url))
}

describe('a host rule in its one form', () => {
  it.each([
    ['api.zendesk.com', 'api.zendesk.com'],
    ['API.Zendesk.COM', 'api.zendesk.com'],
    ['api.zendesk.com.', 'api.zendesk.com'],
    ['https://api.zendesk.com', 'api.zendesk.com'],
    ['HTTPS://api.zendesk.com:443', 'api.zendesk.com'],
    ['api.zendesk.com:8443', 'api.zendesk.com:8443'],
    ['http://localhost:8080', 'http://localhost:8080'],
    ['HTTP://LOCALHOST:80', 'http://localhost'],
    ['http://db_1:443', 'http://db_1:443'],
    ['https://x:80', 'x:80'],
    ['*.acme.dev', '*.acme.dev'],
    ['*.ACME.dev.:443', '*.acme.dev'],
    ['http://*.localhost:3000', 'http://*.localhost:3000'],
    ['*.com', '*.com'],
    ['bücher.example', 'xn--bcher-kva.example'],
    ['*.BÜCHER.example', '*.xn--bcher-kva.example'],
    ['xn--bcher-kva.example', 'xn--bcher-kva.example'],
    ['127.0.0.1:3000', '127.0.0.1:3000'],
    ['127.1', '127.0.0.1'],
    ['0x7f.0.0.1', '127.0.0.1'],
    ['[::1]:8443', '[::1]:8443'],
    ['[0:0:0:0:0:0:0:1]', '[::1]'],
  ])('%s is %s', (rule, normal) => {
    expect(normaliseHostRule(rule)).toBe(normal)
  })

  it.each([
    ['nothing', ''],
    ['a scheme alone', 'https://'],
    ['a star alone', '*'],
    ['a star and a dot', '*.'],
    ['a star within a label', '*foo.example'],
    ['a star in the middle', 'a.*.example'],
    ['two stars', '*.*.example'],
    ['a star of full width', '＊.example'],
    ['a star before an IPv4 address', '*.0.0.1'],
    ['a star before a short IPv4 address', '*.1'],
    ['a star before an IPv6 address', '*.[::1]'],
    ['a path with an escape', 'a.example/%78'],
    ['a path with a parameter', 'a.example/v2;a=b'],
    ['a path with a star', 'a.example/*'],
    ['a path with a dot segment', 'a.example/v2/../v1'],
    ['a path with an empty segment', 'a.example/v2//x'],
    ['a path with a backslash', 'a.example/v2\\x'],
    ['a path with a query', 'a.example/v2?x'],
    ['a path that is not ASCII', 'a.example/ü'],
    ['two slashes at the end', 'https://a.example//'],
    ['any port of another machine', 'a.example:*'],
    ['any port of any name', '*.localhost:*'],
    ['a port and any port', 'localhost:80:*'],
    ['a backslash', 'a.example\\x'],
    ['a slash of full width', 'a.example／x'],
    ['a query', 'a.example?x'],
    ['a fragment', 'a.example#x'],
    ['a user', 'user@a.example'],
    ['a user with password', 'user:password@a.example'],
    ['another scheme', 'ftp://a.example'],
    ['one slash', 'https:/a.example'],
    ['an escape', '%61.example'],
    ['white space', 'a .example'],
    ['white space before', ' a.example'],
    ['a line feed within, which the URL parser drops', 'a.ex\nample'],
    ['NUL', 'a.example\0'],
    ['an empty port', 'a.example:'],
    ['a port that is none', 'a.example:http'],
    ['a port out of range', 'a.example:65536'],
    ['an IPv6 address without brackets', '::1'],
    ['a zone of an IPv6 address', '[fe80::1%25eth0]'],
    ['two hosts', 'a.example,b.example'],
    ['an empty label', 'a..example'],
    ['an empty first label', '.a.example'],
    ['two trailing dots', 'a.example..'],
    ['a dot alone', '.'],
    ['a label of 64 characters', `${'a'.repeat(64)}.example`],
    ['a name of more than 253 characters', `${'a.'.repeat(126)}ab`],
    ['a rule of more than 512 characters', 'ａ'.repeat(513)],
    ['an address out of range', '1.2.3.256'],
    ['a lone surrogate', 'a\ud800.example'],
  ])('%s is no rule', (_what, rule) => {
    expect(normaliseHostRule(rule)).toBeUndefined()
  })

  it('takes a name of 253 characters', () => {
    const name = `${'a.'.repeat(126)}a`
    expect(name).toHaveLength(253)
    expect(normaliseHostRule(name)).toBe(name)
  })

  it('does not change when it is brought into its form again', () => {
    fc.assert(
      fc.property(hostRule, (rule) => {
        const normal = normaliseHostRule(rule)
        fc.pre(normal !== undefined)
        expect(normaliseHostRule(normal)).toBe(normal)
      }),
    )
  })

  it('is found in linear time on long input', () => {
    expect(normaliseHostRule('https://'.repeat(100_000))).toBeUndefined()
    expect(normaliseHostRule('*.'.repeat(256))).toBeUndefined()
  })
})

describe('a URL against a host rule', () => {
  it.each([
    ['api.zendesk.com', 'https://api.zendesk.com/x?y#z'],
    ['api.zendesk.com', 'https://API.ZENDESK.COM'],
    ['api.zendesk.com', 'https://api.zendesk.com.:443/'],
    ['api.zendesk.com', 'https://user:password@api.zendesk.com/'],
    ['api.zendesk.com', 'https:\\\\api.zendesk.com\\x'],
    ['api.zendesk.com', 'https://%61pi.zendesk.com/'],
    ['bücher.example', 'https://bücher.example/'],
    ['*.acme.dev', 'https://a.acme.dev'],
    ['*.acme.dev', 'https://a.b.acme.dev.'],
    ['*.acme.dev:8443', 'https://a.acme.dev:8443'],
    ['http://localhost:8080', 'http://localhost:8080/'],
    ['http://*.localhost', 'http://app.localhost'],
    ['127.0.0.1', 'https://2130706433/'],
    ['[::1]', 'https://[::1]/'],
    ['api.zendesk.com', 'wss://api.zendesk.com'],
    ['wss://api.zendesk.com', 'https://api.zendesk.com'],
    ['ws://localhost:8080', 'ws://localhost:8080/x'],
    ['http://localhost', 'ws://localhost'],
    ['https://tenant.sharepoint.com/', 'https://tenant.sharepoint.com'],
    ['http://localhost:*', 'http://localhost:49152'],
    ['http://localhost:*', 'http://localhost'],
    ['http://127.0.0.1:*', 'http://127.0.0.1:3000'],
    ['http://[::1]:*/', 'http://[::1]:3000'],
  ])('%s permits %s', (rule, url) => {
    expect(compare(rule, url)).toBe('match')
  })

  it.each([
    ['api.zendesk.com', 'https://zendesk.com'],
    ['api.zendesk.com', 'https://api.zendesk.com:8443'],
    ['api.zendesk.com', 'https://api.zendesk.com@evil.example/'],
    ['api.zendesk.com', 'https://evil.example\\@api.zendesk.com/'],
    ['api.zendesk.com', 'https://api.zendesk.com.evil.example/'],
    ['api.zendesk.com', 'https://evil.example/api.zendesk.com'],
    ['api.zendesk.com', 'https://evil.example?api.zendesk.com'],
    ['api.zendesk.com:8443', 'https://api.zendesk.com'],
    ['api.zendesk.com', 'ftp://api.zendesk.com'],
    ['api.zendesk.com', 'foo://api.zendesk.com'],
    ['api.zendesk.com', 'data:api.zendesk.com'],
    ['api.zendesk.com', 'http://api.zendesk.com:8080'],
    ['*.acme.dev', 'https://acme.dev'],
    ['*.acme.dev', 'https://.acme.dev'],
    ['*.acme.dev', 'https://evilacme.dev'],
    ['*.acme.dev', 'https://acme.dev.evil.example'],
    ['*.acme.dev', 'https://a.acme.dev:8443'],
    ['http://localhost:8080', 'https://localhost:8080'],
    ['http://localhost:8080', 'http://localhost:8081'],
    ['http://localhost:*', 'http://127.0.0.1:80'],
    ['http://localhost:*', 'https://localhost'],
    ['localhost:*', 'https://localhost.evil.example'],
  ])('%s does not permit %s', (rule, url) => {
    expect(compare(rule, url)).toBe('other')
  })

  it.each([
    ['api.zendesk.com', 'http://api.zendesk.com/'],
    ['api.zendesk.com:8443', 'http://api.zendesk.com:8443/'],
    ['*.acme.dev', 'http://a.acme.dev'],
    ['api.zendesk.com', 'ws://api.zendesk.com'],
  ])('%s finds only the scheme wrong in %s', (rule, url) => {
    expect(compare(rule, url)).toBe('insecure')
  })

  it('a star never stands for a part of an IP address, even in a record that somebody edited', () => {
    expect(compareHost('*.0.0.1', new URL('https://127.0.0.1'))).toBe('other')
  })

  it('every rule without a star permits the very URL it names', () => {
    fc.assert(
      fc.property(hostRule, (rule) => {
        const normal = normaliseHostRule(rule)
        fc.pre(normal !== undefined && !normal.startsWith('*.') && !normal.includes('//*.'))
        expect(compareHost(normal, new URL(normal.startsWith('http://') ? normal : `https://${normal}`))).toBe('match')
      }),
    )
  })
})

it.each([
  ['http://localhost', true],
  ['http://LOCALHOST.:3000', true],
  ['http://app.localhost', true],
  ['http://127.0.0.1', true],
  ['http://127.9.8.7', true],
  ['http://[::1]:80', true],
  ['http://localhost.evil.example', false],
  ['http://127.0.0.1.evil.example', false],
  ['http://128.0.0.1', false],
  ['http://[::2]', false],
])('whether %s stays on this machine is %s', (url, expected) => {
  expect(isLoopback(new URL(url))).toBe(expected)
})
