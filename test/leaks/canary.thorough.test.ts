/** Bad input of every kind, beside real values: refused with the right code, without a trace of a value. */

import { describe, expect, it } from 'vitest'
import { generateKey } from '../../src/crypto/local-key.ts'
import type { GuillemetErrorCode } from '../../src/errors.ts'
import { createVault } from '../../src/vault/vault.ts'
import { scratch } from '../storage/scratch.ts'
import { URL_MARK } from './canaries.ts'
import { CANARIES, STORAGES, type Watched, watched } from './stages.ts'

const place = scratch()
const KEY_TEXT = generateKey()

/** All calls that take a template, in all kinds of places. */
function ways({ vault }: Watched, template: string): (() => unknown)[] {
  const url = `https://h.example/${URL_MARK}`
  return [
    () => vault.resolve(template),
    () => vault.resolve({ a: [1, { b: template }] }),
    () => vault.resolveHeaders({ 'X-A': template }),
    () => vault.resolveHeaders([['X-A', template]]),
    () => vault.resolveEnv({ A: template }),
    () => vault.resolveRequest({ url, method: 'POST', headers: { 'X-A': 'x' }, body: template }),
    () => vault.resolveRequest({ url: `${url}?k=${template}` }),
    () => vault.resolve(`${url}?k=${template}`, { as: 'url' }),
    () => vault.resolve(`{"a":"${template}"}`, { as: 'json' }),
    () => vault.resolve(`a=${template}`, { as: 'form' }),
    () => vault.use(template, () => expect.unreachable()),
    async () => (await vault.snapshot()).resolve(template),
  ]
}

describe.each(STORAGES)('over %s', (storage) => {
  describe('a template', () => {
    it.each<[string, (reference: string) => string, GuillemetErrorCode]>([
      ['with an empty name', (reference) => `${reference} << secrets. >>`, 'ERR_MALFORMED_REFERENCE'],
      ['with a name too deep', (reference) => `${reference} << secrets.a.b.c >>`, 'ERR_MALFORMED_REFERENCE'],
      ['with an open end', (reference) => `${reference} << secrets.long`, 'ERR_UNCLOSED_REFERENCE'],
      ['with an unknown filter', (reference) => `${reference} << secrets.long | bse64 >>`, 'ERR_UNKNOWN_FILTER'],
      ['with missing secrets', (reference) => `${reference} << secrets.lonk >> << secrets.x >>`, 'ERR_MISSING_SECRETS'],
      ['with a missing field', (reference) => `${reference} << secrets.long.part >>`, 'ERR_MISSING_SECRETS'],
      [
        'with a missing field of several',
        (reference) => `${reference} << secrets.numbered.prt >>`,
        'ERR_MISSING_SECRETS',
      ],
      ['without a field', (reference) => `${reference} << secrets.numbered >>`, 'ERR_FIELD_REQUIRED'],
    ])('%s is refused', async (_, templateOf, code) => {
      const stage = await watched(storage, place)
      for (const { reference } of CANARIES) {
        const template = templateOf(reference)
        for (const call of ways(stage, template)) await stage.refuses(call, code)
        stage.see(await stage.vault.check(template), await stage.vault.check({ a: [template] }))
        if (code.endsWith('REFERENCE') || code === 'ERR_UNKNOWN_FILTER') {
          await stage.refuses(() => stage.vault.references(template), code)
          await stage.refuses(() => stage.vault.prepare({ a: template }), code)
        }
      }
      await stage.expectUnharmed()
    })

    it('with a value as its text is not repeated', async () => {
      const stage = await watched(storage, place)
      const { vault, refuses } = stage
      for (const { exposed } of CANARIES) {
        // the lure holds a reference itself, and as such it is missing
        const pasted = exposed.replace('<<', '\\<<')
        for (const call of ways(stage, `${encodeURIComponent(pasted)}<< secrets.gone >>`)) {
          await refuses(call, 'ERR_MISSING_SECRETS')
        }
        await refuses(() => vault.resolve(`${pasted} << secrets. >> ${pasted}`), 'ERR_MALFORMED_REFERENCE')
        await refuses(
          () => vault.resolve(`${pasted} << secrets.a ${pasted}`),
          ['ERR_MALFORMED_REFERENCE', 'ERR_UNCLOSED_REFERENCE'],
        )
        stage.see(await vault.check(`${pasted} << secrets. >> ${pasted}`))
      }
      await stage.expectUnharmed()
    })

    it('with a reference in a key, a header name or the method is refused', async () => {
      const stage = await watched(storage, place)
      const { vault, refuses } = stage
      for (const { reference } of CANARIES) {
        const url = `https://h.example/${URL_MARK}`
        for (const call of [
          () => vault.resolve({ [reference]: reference }),
          () => vault.resolve({ a: [{ [`x ${reference}`]: 1 }] }),
          () => vault.resolve(new Map([[reference, reference]])),
          () => vault.resolveHeaders({ [reference]: reference }),
          () => vault.resolveHeaders([[reference, 'x']]),
          () => vault.resolveHeaders({ Host: reference }),
          () => vault.resolveEnv({ [reference]: reference }),
          () => vault.resolveRequest({ url, headers: { [reference]: 'x' } }),
          () => vault.resolveRequest({ url, method: reference }),
          () => vault.resolveRequest({ url, headers: { 'Content-Length': reference } }),
        ]) {
          await refuses(call, 'ERR_REFERENCE_IN_KEY')
        }
      }
      await stage.expectUnharmed()
    })

    it('with foreign references among its own is refused', async () => {
      const stage = await watched(storage, place)
      for (const { reference } of CANARIES) {
        const authored = stage.vault.references({ a: reference })
        const call = () => stage.vault.resolve({ a: reference, b: `out: ${reference}` }, { authored })
        await stage.refuses(call, 'ERR_UNEXPECTED_REFERENCE')
        stage.see(await stage.vault.check({ a: reference, b: reference }, { authored }))
      }
      await stage.expectUnharmed()
    })

    it('with a destination or options that are none is refused', async () => {
      const stage = await watched(storage, place)
      for (const { exposed, reference } of CANARIES) {
        for (const options of [
          { destination: `no url ${exposed}` },
          { destination: { url: exposed } },
          { as: exposed },
          { onMissing: exposed },
          { [exposed]: 1 },
          { authored: [exposed] },
        ]) {
          await stage.refuses(() => stage.vault.resolve(reference, options as object), 'ERR_INVALID_INPUT')
        }
      }
      await stage.expectUnharmed()
    })
  })

  it('a secret at another place than its rule names is refused, in words that show neither it nor the URL', async () => {
    const stage = await watched(storage, place)
    const { vault, refuses } = stage
    for (const { tag, value, reference } of CANARIES) {
      const bound = reference.replace(tag, `${tag}-bound`)
      await vault.create({
        tag: `${tag}-bound`,
        value,
        allow: { hosts: ['api.acme.dev'], methods: ['GET'], in: ['header'] },
      })
      const headers = { A: `${bound} ${reference}` }
      const mark = `${URL_MARK}?x=${URL_MARK}`
      await refuses(() => vault.resolveRequest({ url: `https://evil.example/${mark}`, headers }), 'ERR_HOST_DENIED')
      await refuses(() => vault.resolveRequest({ url: `http://api.acme.dev/${mark}`, headers }), 'ERR_INSECURE_SCHEME')
      await refuses(
        () => vault.resolveRequest({ url: `https://u:${URL_MARK}@api.acme.dev/`, method: 'PUT', headers }),
        'ERR_METHOD_DENIED',
      )
      await refuses(
        () => vault.resolveRequest({ url: `https://api.acme.dev/${mark}&y=${bound}`, headers }),
        'ERR_LOCATION_DENIED',
      )
      await refuses(() => vault.resolve(bound), 'ERR_HOST_DENIED')
      stage.see(await vault.check({ url: `https://evil.example/${mark}`, headers }, { as: 'request' }))
    }
    await stage.expectUnharmed()
  })

  it('a value where its place cannot take it is refused', async () => {
    const stage = await watched(storage, place)
    const { vault, refuses } = stage
    const Q = CANARIES[0]!.exposed
    const bad = {
      newline: `${Q}\n${Q}`,
      trailing: `${Q}\n`,
      control: `${Q}\u0001${Q}`,
      wide: `${Q}🔑`,
      nul: `${Q}\0${Q}`,
      host: `${Q}@evil.example/`,
      dots: '..',
    }
    for (const [tag, value] of Object.entries(bad)) await vault.create({ tag, value })
    for (const tag of ['newline', 'trailing', 'control', 'wide', 'nul']) {
      for (const call of [
        () => vault.resolveHeaders({ A: `<< secrets.${tag} >>` }),
        () => vault.resolveHeaders([['A', `Bearer << secrets.${tag} | raw >>`]]),
        () => vault.resolveRequest({ url: `https://h.example/${URL_MARK}`, headers: { A: `<< secrets.${tag} >>` } }),
        () => vault.resolveHeaders(new Headers({ A: `<< secrets.${tag} >>` })),
        () => vault.use({ A: `<< secrets.${tag} >>` }, () => expect.unreachable(), { as: 'headers' }),
      ]) {
        await refuses(call, 'ERR_UNSAFE_HEADER_VALUE')
      }
    }
    await refuses(() => vault.resolveEnv({ A: '<< secrets.nul >>' }), 'ERR_UNSAFE_ENV_VALUE')
    for (const url of [
      'https://<< secrets.host >>/',
      'https://<< secrets.newline >>.example/',
      'https://h.example/<< secrets.dots >>/x',
      '<< secrets.long >>',
    ]) {
      await refuses(() => vault.resolveRequest({ url }), ['ERR_UNSAFE_URL_VALUE', 'ERR_INVALID_INPUT'])
    }
    await stage.expectUnharmed()
  })

  it('a key that is none is refused and not repeated', async () => {
    const stage = await watched(storage, place)
    const at = KEY_TEXT.length >> 1
    const flipped = KEY_TEXT[at] === 'A' ? 'B' : 'A'
    const keys = [
      KEY_TEXT.slice(0, -1),
      `${KEY_TEXT}A`,
      KEY_TEXT.slice(0, at) + flipped + KEY_TEXT.slice(at + 1),
      ` ${KEY_TEXT}`,
      `${KEY_TEXT}\n`,
      KEY_TEXT.slice('gmk1_'.length),
      KEY_TEXT.replace('gmk1_', 'gmk2_'),
      '',
      [KEY_TEXT, KEY_TEXT],
      [KEY_TEXT, undefined],
      { id: KEY_TEXT },
      42,
      ...CANARIES.map(({ exposed }) => exposed),
    ]
    for (const key of keys) {
      await stage.refuses(() => createVault({ storage: stage.storage, keys: key as string }), 'ERR_INVALID_KEY')
    }
    for (const key of [undefined, []]) {
      await stage.refuses(() => createVault({ storage: stage.storage, keys: key }), 'ERR_INVALID_KEY')
    }
    const stranger = stage.another({ keys: generateKey() })
    for (const { tag, value, reference } of CANARIES) {
      for (const call of [
        () => stranger.resolve(reference),
        () => stranger.create({ tag: 'fresh', value }),
        () => stranger.update(tag, { value }),
        () => stranger.set({ tag, value }),
        () => stranger.snapshot(),
      ]) {
        await stage.refuses(call, 'key-unknown')
      }
    }
    const blind = stage.another({ keys: null })
    for (const { tag, value, reference } of CANARIES) {
      await stage.refuses(() => blind.resolve(reference), 'ERR_INVALID_KEY')
      await stage.refuses(() => blind.create({ tag: 'fresh', value }), 'ERR_INVALID_KEY')
      await stage.refuses(() => blind.update(tag, { value }), 'ERR_INVALID_KEY')
    }
    stage.see(await stage.vault.describe('fresh'))
    await stage.expectUnharmed()
    expect(await stage.vault.describe('fresh')).toBeUndefined()
  })
})
