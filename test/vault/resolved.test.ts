/** Nothing but `expose()` gives plaintext. */

import { execFileSync } from 'node:child_process'
import { Console } from 'node:console'
import { Writable } from 'node:stream'
import { inspect } from 'node:util'
import { serialize } from 'node:v8'
import { beforeAll, describe, expect, it } from 'vitest'
import type { Resolved } from '../../src/vault/api.ts'
import { usedSecrets } from '../../src/vault/redirect.ts'
import { resultContextOf } from '../../src/vault/resolved.ts'
import { backstage, failure } from './fixture.ts'

const VALUE = 'v-0123456789'
const SHORT = 'q7'
let text: Resolved<string>
let object: Resolved<Record<string, unknown>>

beforeAll(async () => {
  const { vault } = backstage()
  await vault.create({ tag: 'a', value: VALUE })
  await vault.create({ tag: 'b', value: { pin: SHORT, port: 5432, on: true } })
  text = await vault.resolve('A << secrets.a >> << secrets.b.pin >>')
  object = await vault.resolve({
    a: '<< secrets.a >>',
    list: ['<< secrets.b.port >>', '<< secrets.b.on >>'],
    stream: new ReadableStream(),
    date: new Date(0),
  })
})

const hides = (printed: string) => {
  for (const value of [VALUE, SHORT, '5432']) expect(printed).not.toContain(value)
}

describe('a resolved template', () => {
  it('gives plaintext through expose', () => {
    expect(text.expose()).toBe(`A ${VALUE} ${SHORT}`)
    expect(object.expose()).toMatchObject({ a: VALUE, list: [5432, true] })
  })

  it('is masked by position, whatever the length of a value', () => {
    expect(text.redacted).toBe('A [secret:a] [secret:b.pin]')
    expect(object.redacted).toMatchObject({ a: '[secret:a]', list: ['[secret:b.port]', '[secret:b.on]'] })
    expect(JSON.parse(JSON.stringify(object.redacted))).toEqual(object.redacted)
    expect(object.redacted).toBe(object.redacted)
  })

  it.each([
    ['String()', (resolved) => String(resolved)],
    ['a template literal', (resolved) => `${resolved}`],
    ['JSON.stringify', (resolved) => JSON.stringify({ resolved })],
    ['util.inspect', (resolved) => inspect(resolved)],
    ['util.inspect with everything', (resolved) => inspect(resolved, { showHidden: true, depth: 9, getters: true })],
    [
      'util.inspect without its hook',
      (resolved) => inspect(resolved, { showHidden: true, customInspect: false, depth: 9 }),
    ],
    ['Object.entries', (resolved) => JSON.stringify(Object.entries(resolved))],
    ['a spread', (resolved) => inspect({ ...resolved })],
    ['all own keys', (resolved) => Reflect.ownKeys(resolved).map(String).join()],
    ['an error message', (resolved) => new Error(`${resolved}`).message],
    ['concatenation', (resolved) => ['', resolved].join('')],
  ] as [string, (resolved: Resolved<unknown>) => string][])('hides it from %s', (_, print) => {
    for (const resolved of [text, object]) hides(print(resolved as Resolved<unknown>))
  })

  it.each<[string, (resolved: unknown) => unknown]>([
    ['structuredClone', (resolved) => structuredClone(resolved)],
    ['v8.serialize', (resolved) => serialize(resolved)],
    ['postMessage', (resolved) => new MessageChannel().port1.postMessage([{ resolved }])],
  ])('is refused by %s, which would make an empty object of it', (_, clone) => {
    for (const resolved of [text, object]) {
      expect(() => clone(resolved)).toThrow(/send what redacted gives.*could not be cloned/s)
    }
  })

  it('is refused by an environment and by headers that it is spread into, which would lack its values', async () => {
    const { vault } = backstage()
    await vault.create({ tag: 'a', value: VALUE })
    const env = (await vault.resolveEnv({ TOKEN: '<< secrets.a >>' })) as never
    const run = (given: NodeJS.ProcessEnv) => execFileSync(process.execPath, ['-e', ''], { env: given })
    expect(() => run({ ...process.env, ...(env as object) })).toThrow(/symbol/i)
    expect(() => run(env)).toThrow(/symbol/i)
    expect(() => Object.assign(process.env, env)).toThrow(/symbol/i)
    expect(() => new Headers({ Accept: '*/*', ...(env as object) })).toThrow(/symbol/i)
    // a log call is no place for an error
    expect(JSON.stringify({ ...(env as object) })).toBe('{}')
  })

  it('hides it from a console', () => {
    const printed: string[] = []
    const stdout = new Writable({
      write(chunk, _encoding, done) {
        printed.push(String(chunk))
        done()
      },
    })
    new Console(stdout).log(text, object)
    expect(printed.join('')).toContain('[secret:a]')
    hides(printed.join(''))
  })

  it('masks a number in the template that is a known value, and the host by what it may say', async () => {
    const { vault } = backstage()
    await vault.create({ tag: 'a', value: VALUE, allow: { hosts: ['ok.example'] } })
    await vault.create({ tag: 'pin', value: { code: 123456789 } })
    const resolved = await vault.resolve({ pin: '<< secrets.pin.code >>', literal: 123456789 })
    expect(JSON.stringify(resolved)).not.toContain('123456789')
    await vault.create({ tag: 'evil', value: 'evil' })
    const request = { url: 'https://<< secrets.evil >>.example/', headers: { A: '<< secrets.a >>' } }
    expect(await failure(vault.resolveRequest(request))).toMatchObject({ code: 'ERR_HOST_DENIED', host: '[secret]' })
  })

  it('cannot be changed for the next one who prints it', async () => {
    const { vault } = backstage()
    await vault.create({ tag: 'free', value: 'free-0123456789' })
    const resolved = await vault.resolve({ a: ['<< secrets.free >>'] })
    expect(Object.isFrozen((resolved.redacted as { a: unknown }).a)).toBe(true)
  })

  it('cannot be changed, and does not give its grants to a stranger’s object', () => {
    expect(Object.isFrozen(text)).toBe(true)
    expect(usedSecrets(resultContextOf(text)!)).toHaveLength(2)
    for (const other of [{}, null, 'x']) expect(resultContextOf(other as never)).toBeUndefined()
    const hook = (text as unknown as Record<symbol, (depth: number, options: object) => unknown>)[
      Symbol.for('nodejs.util.inspect.custom')
    ]!
    expect(hook.call(text, 2, {})).toBe(text.redacted)
  })
})

it('that was not exposed is refused by clients, and they are told what to do', async () => {
  const { vault } = backstage()
  await vault.create({ tag: 'a', value: VALUE })
  const headers = (await vault.resolveHeaders({ Authorization: '<< secrets.a >>' })) as unknown as Record<
    string,
    string
  >
  const request = (await vault.resolveRequest({ headers: { A: '<< secrets.a >>' } })) as unknown as RequestInit
  expect(() => new Headers(headers)).toThrow(/expose\(\)/)
  await expect(fetch('http://127.0.0.1:9/', { headers })).rejects.toThrow(/expose\(\)/)
  await expect(fetch('http://127.0.0.1:9/', request)).rejects.toThrow(/expose\(\)/)
})
