/** Texts that lead elsewhere than they seem to; a secret that is bound to a host goes to no other server with any of them. */

import { expect, it } from 'vitest'
import { backstage } from '../vault/fixture.ts'
import type { KitClient } from './client-kit.ts'
import type { KitServers } from './kit-servers.ts'

const BOUND = 'bound-0a1b2c3d4e5f6071'
const FREE = 'free-7f3e9a1c5b8d2e4f'

/** A URL as somebody writes it, for clients with a base URL in two parts. */
export interface UrlTrick {
  readonly base?: string
  readonly url: string
}

/** More than sixty tricks. The rule names one.test at the plain port; everything else is not it. */
export function urlTricks({ plain, other }: KitServers['ports']): readonly UrlTrick[] {
  const good = `one.test:${plain}`
  const evil = `evil.test:${other}`
  return [
    ...userInfo(good, evil),
    ...slashes(good, evil),
    ...invisible(good, evil, other),
    ...ends(good, evil),
    ...names(good, other),
    ...addresses(other),
    ...ports(plain, other),
    ...schemes(good, evil),
  ]
    .map((url): UrlTrick => ({ url }))
    .concat(bases(good, evil, plain, other))
}

function userInfo(good: string, evil: string): readonly string[] {
  return [
    `http://${good}@${evil}/`,
    `http://one.test@${evil}/`,
    `http://one.test:80@${evil}/`,
    `http://user:pw@${evil}/`,
    `http://${good}%2F@${evil}/`,
    `http://${good}%20@${evil}/`,
    `http://${good}%40${evil}/`,
    `http://@${evil}/`,
    `http://:@${evil}/`,
    `http://one.test%00@${evil}/`,
    `http://a@${good}@${evil}/`,
    `http://${evil}@${good}/`,
    `http://[one.test]@${evil}/`,
  ]
}

function slashes(good: string, evil: string): readonly string[] {
  return [
    `http://${evil}\\@${good}/`,
    `http://${evil}\\.${good}/`,
    `http:\\\\${evil}/`,
    `http:/\\${evil}/`,
    `http:\\/${evil}\\@${good}`,
    `http://${good}\\@${evil}/`,
    `http:///${evil}/`,
    `http:////${evil}/`,
    `http:${evil}`,
    `http:/${evil}`,
    `//${evil}/`,
    `\\\\${evil}\\`,
    `/\\${evil}/`,
    `http://${good}//${evil}/`,
    `http://${good}/..//${evil}/`,
    `http://${good}/%2e%2e//${evil}/`,
    `http://${good}/\\${evil}`,
  ]
}

function invisible(good: string, evil: string, other: number): readonly string[] {
  return [
    `http://${evil}\t/`,
    `ht\ntp://${evil}/`,
    `http://ev\til.test:${other}/`,
    `http://ev\nil.test:${other}/`,
    `http:/\t/${evil}/`,
    ` http://${evil}/`,
    `\u0000http://${evil}/`,
    `http://${evil}\r\nHost: ${good}/`,
    `http://${evil}/\r\nHost: ${good}`,
    `http://${good}\r\n@${evil}/`,
    `http://${good}\t@${evil}/`,
    `http://ev\u00adil.test:${other}/`,
    `http://ev\u200bil.test:${other}/`,
    `\ufeffhttp://${evil}/`,
  ]
}

function ends(good: string, evil: string): readonly string[] {
  return [
    `http://${evil}#@${good}/`,
    `http://${evil}?@${good}/`,
    `http://${evil}/#http://${good}/`,
    `http://${evil}/?http://${good}/`,
    `http://${evil}#\\@${good}/`,
    `http://${evil}/@${good}`,
    `http://${evil};@${good}`,
    `http://${good}#@${evil}/`,
    `http://${good}?@${evil}/`,
  ]
}

function names(good: string, other: number): readonly string[] {
  return [
    `http://%65vil.test:${other}/`,
    `http://evil%2Etest:${other}/`,
    `http://one.test%2F.evil.test:${other}/`,
    `http://one.test%23.evil.test:${other}/`,
    `http://one.test%5C.evil.test:${other}/`,
    `http://evil\u3002test:${other}/`,
    `http://evil\uff0etest:${other}/`,
    `http://\uff45\uff56\uff49\uff4c.test:${other}/`,
    `http://one.test\uff0f.evil.test:${other}/`,
    `http://one.test\uff20evil.test:${other}/`,
    `http://one.test\u2100.evil.test:${other}/`,
    `http://one.te\u017ft:${other}/`,
    `http://evil.test.:${other}/`,
    `http://one.test.:${other}/`,
    `http://one.test..:${other}/`,
    `http://one.test.evil.test:${other}/`,
    `http://xone.test:${other}/`,
    `http://ONE.TEST:${other}/`,
    `http://${good}.evil.test/`,
  ]
}

function addresses(other: number): readonly string[] {
  return [
    `http://127.0.0.1:${other}/`,
    `http://2130706433:${other}/`,
    `http://0x7f000001:${other}/`,
    `http://0177.0.0.1:${other}/`,
    `http://127.1:${other}/`,
    `http://0x7f.1:${other}/`,
    `http://127.0.0.1.:${other}/`,
    `http://[::ffff:127.0.0.1]:${other}/`,
    `http://[0:0:0:0:0:ffff:7f00:1]:${other}/`,
    `http://[::1]:${other}/`,
  ]
}

function ports(plain: number, other: number): readonly string[] {
  return [
    `http://one.test:${other}/`,
    `http://one.test:0${other}/`,
    `http://one.test:${plain}@:${other}/`,
    `http://one.test:${plain}:${other}/`,
    `http://one.test:\uff11${other}/`,
  ]
}

function schemes(good: string, evil: string): readonly string[] {
  return [`HTTP://${evil}/`, `ftp://${evil}/`, `file://${evil}/`, `data:,${good}`, `blob:http://${evil}/x`]
}

function bases(good: string, evil: string, plain: number, other: number): readonly UrlTrick[] {
  const base = `http://${good}`
  return [
    { base, url: `//${evil}/` },
    { base, url: `\\\\${evil}/` },
    { base, url: `/\\${evil}/` },
    { base, url: `/\t/${evil}/` },
    { base, url: ` //${evil}/` },
    { base, url: `http://${evil}/` },
    { base, url: `HTTP://${evil}/` },
    { base, url: `http:${evil}` },
    { base, url: `@${evil}/` },
    { base, url: `.${evil}/` },
    { base, url: `:${other}/` },
    { base: `${base}/`, url: `//${evil}/` },
    { base: `${base}?`, url: `@${evil}/` },
    { base: `${base}#`, url: `@${evil}/` },
    { base: 'http://one.test', url: `.evil.test:${other}/` },
    { base: 'http://one.test:', url: `${other}/` },
    { base: `http://one.test:${plain}@`, url: `evil.test:${other}/` },
    { base: 'http:', url: `//${evil}/` },
    { base: `//${evil}`, url: `http://${good}/` },
  ]
}

/** Registers the cases. */
export function urlTrickCases(client: KitClient, servers: KitServers): void {
  it('a bound secret arrives at no other server than its rule names', async () => {
    const rule = `http://one.test:${servers.ports.plain}`
    const { vault } = backstage()
    await vault.create({ tag: 'bound', value: BOUND, allow: { hosts: [rule] } })
    await vault.create({ tag: 'free', value: FREE })
    const send = client.create(vault, {})
    const tricks = urlTricks(servers.ports).filter(({ base }) => base === undefined || client.takesBase === true)
    expect(tricks.length).toBeGreaterThanOrEqual(60)
    const astray: unknown[] = []
    let living = 0
    for (const trick of tricks) {
      const holding = async (tag: string, value: string): Promise<readonly string[]> => {
        servers.arrived.length = 0
        await send({ ...trick, headers: { authorization: `Bearer << secrets.${tag} >>` } }).catch(() => undefined)
        return servers.arrived
          .filter((each) => JSON.stringify(each.headers).includes(value))
          .map(({ origin }) => origin)
      }
      for (const origin of await holding('bound', BOUND)) {
        if (origin.replace('.test.:', '.test:') !== rule) astray.push({ ...trick, origin })
      }
      // an unbound one shows that the trick leads elsewhere at all
      if ((await holding('free', FREE)).some((origin) => origin !== rule)) living++
    }
    expect(astray).toEqual([])
    expect(living).toBeGreaterThanOrEqual(20)
    // and that the rule lets something through
    servers.arrived.length = 0
    await send({ url: `${rule}/`, headers: { authorization: 'Bearer << secrets.bound >>' } })
    expect(servers.arrived.map(({ headers }) => headers.authorization)).toEqual([`Bearer ${BOUND}`])
  })
}
