import { describe, expect, it } from 'vitest'
import { backstage, thrown } from './fixture.ts'

const A = '<< secrets.a >>'

describe('a snapshot that resolves the same map again', () => {
  it('gives each caller a copy of its own', async () => {
    const { vault } = backstage()
    await vault.create({ tag: 'a', value: 'v-a' })
    const snapshot = await vault.snapshot()
    const headers = vault.prepare({ X: `v1 ${A}`, Y: 'y' }, { as: 'headers' })
    const first = snapshot.resolve(headers).expose()
    first.X = 'changed'
    expect(snapshot.resolve(headers).expose()).toEqual({ X: 'v1 v-a', Y: 'y' })
    expect(snapshot.resolve({ X: `v1 ${A}`, Y: 'y' }, { as: 'headers' }).expose()).toEqual({ X: 'v1 v-a', Y: 'y' })
  })

  it('still refuses a secret once its time is over', async () => {
    const { vault, clock } = backstage()
    await vault.create({ tag: 'a', value: 'v-a' })
    await vault.create({ tag: 'b', value: 'v-b', expiresAt: new Date(clock.now + 1000) })
    const snapshot = await vault.snapshot()
    const headers = vault.prepare({ X: A, Y: '<< secrets.b >>' }, { as: 'headers' })
    expect(snapshot.resolve(headers).expose()).toEqual({ X: 'v-a', Y: 'v-b' })
    clock.now += 1000
    expect(thrown(() => snapshot.resolve(headers))).toMatchObject({ code: 'ERR_SECRET_EXPIRED', tag: 'b' })
  })

  it('still holds a rule against where this resolve goes', async () => {
    const { vault } = backstage()
    await vault.create({ tag: 'a', value: 'v-a', allow: { hosts: ['acme.dev'], methods: ['POST'] } })
    const snapshot = await vault.snapshot()
    const headers = vault.prepare({ X: A }, { as: 'headers' })
    const to = (url: string, method = 'POST') => snapshot.resolve(headers, { destination: { url, method } })
    expect(to('https://acme.dev/').expose()).toEqual({ X: 'v-a' })
    expect(thrown(() => snapshot.resolve(headers))).toMatchObject({ code: 'ERR_HOST_DENIED' })
    expect(thrown(() => to('https://evil.example/'))).toMatchObject({ code: 'ERR_HOST_DENIED' })
    expect(thrown(() => to('https://acme.dev/', 'GET'))).toMatchObject({ code: 'ERR_METHOD_DENIED' })
  })

  it('still refuses at one location what it gave at another', async () => {
    const { vault } = backstage()
    await vault.create({ tag: 'lines', value: 'one\ntwo' })
    await vault.create({ tag: 'place', value: 'v', allow: { in: ['env'] } })
    const snapshot = await vault.snapshot()
    for (const [tag, code] of [
      ['lines', 'ERR_UNSAFE_HEADER_VALUE'],
      ['place', 'ERR_LOCATION_DENIED'],
    ]) {
      const map = { X: `<< secrets.${tag} >>` }
      snapshot.resolve(map, { as: 'env' })
      expect(thrown(() => snapshot.resolve(map, { as: 'headers' }))).toMatchObject({ code })
      snapshot.resolve(map, { as: 'env' })
    }
  })

  it('says nothing of it to another snapshot', async () => {
    const { vault } = backstage()
    await vault.create({ tag: 'a', value: 'v-one' })
    const headers = vault.prepare({ X: A }, { as: 'headers' })
    const before = await vault.snapshot()
    expect(before.resolve(headers).expose()).toEqual({ X: 'v-one' })
    await vault.update('a', { value: 'v-two' })
    const after = await vault.snapshot()
    expect(after.resolve(headers).expose()).toEqual({ X: 'v-two' })
    expect(before.resolve(headers).expose()).toEqual({ X: 'v-one' })
    before.close()
    expect(thrown(() => before.resolve(headers))).toMatchObject({ code: 'ERR_INVALID_INPUT' })
  })

  it('keeps what is missing where it is told to', async () => {
    const { vault } = backstage()
    await vault.create({ tag: 'a', value: 'v-a' })
    const snapshot = await vault.snapshot()
    const map = { X: A, Y: '<< secrets.none >>' }
    expect(snapshot.resolve(map, { as: 'env', onMissing: 'keep' }).expose()).toEqual({ X: 'v-a', Y: map.Y })
    expect(thrown(() => snapshot.resolve(map, { as: 'env' }))).toMatchObject({ code: 'ERR_MISSING_SECRETS' })
  })
})
