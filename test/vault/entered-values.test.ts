/** What people enter in place of a value: what is refused before it is stored, and what they are told to do. */

import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { backstage, failure } from './fixture.ts'

const NEXT = 'next-secret-access-key'

describe('a mask in a field', () => {
  it('is refused with what saves the other fields, since a new value replaces all', async () => {
    const { vault } = backstage()
    await vault.set({ tag: 'aws', value: { accessKeyId: 'AKIA5X', secretAccessKey: 'first-secret-key' } })
    const value = { accessKeyId: '••••••••', secretAccessKey: NEXT }
    const error = await failure(vault.update('aws', { value }))
    expect(error).toMatchObject({ code: 'ERR_INVALID_INPUT', path: 'value.accessKeyId' })
    expect(error.message).toContain('a new value replaces all fields')
    expect(error.message).not.toContain('leave it out')
  })

  it('left out of basicAuth is named as missing', async () => {
    const { vault } = backstage()
    const error = await failure(vault.set({ tag: 'a', type: 'basicAuth', value: { password: NEXT } as never }))
    expect(error.message).toContain('The field "username" is missing')
  })
})

describe('a value that is none', () => {
  it.each<[unknown, string]>([
    [undefined, 'is missing'],
    [42, 'is of the type number'],
    [true, 'is of the type boolean'],
    [null, 'is null'],
    [Buffer.from('x'), 'is bytes'],
    [['x'], 'is a list'],
    [Promise.resolve('x'), 'is a promise'],
  ])('%s is named for what it is', async (value, says) => {
    const { vault } = backstage()
    const input = value === undefined ? { tag: 'k' } : { tag: 'k', value }
    for (const call of [() => vault.create(input as never), () => vault.set(input as never)]) {
      expect((await failure(call())).message).toContain(`The value ${says}`)
    }
    if (value === undefined) return
    await vault.set({ tag: 'k', value: 'v' })
    expect((await failure(vault.update('k', { value: value as never }))).message).toContain(`The value ${says}`)
  })
})

describe('a text as a file or a paste gives it', () => {
  it.each(['abcdef-123456\n', '   ', '\n\n'])('is stored by a program as it is: %j', async (value) => {
    const { vault } = backstage()
    await vault.set({ tag: 'k', value })
    expect((await vault.resolve('<< secrets.k >>')).expose()).toBe(value)
  })

  it.each(['abcdef-123456\n', '  ', ' abcdef-123456', 'abc\u00a0', 'пароль-123456', 'a😀b'])(
    'is refused by absorb for a header: %j, and nothing is stored',
    async (typed) => {
      const { vault } = backstage()
      const submitted = { url: 'https://x.example', headers: { 'X-Other': 'abcdef', 'X-Key': typed } }
      const paths = ['headers.X-Other', 'headers.X-Key']
      const error = await failure(vault.absorb(submitted, { stored: {}, paths }))
      expect(error).toMatchObject({ code: 'ERR_INVALID_INPUT', path: 'headers.X-Key' })
      expect(error.message).not.toContain('abc')
      for await (const _ of vault.list()) expect.unreachable()
    },
  )

  it('in a field says at run time what helps: a filter, or to store it anew', async () => {
    const { vault } = backstage()
    await vault.set({ tag: 'k', value: { v: 'abc\n', w: ' abc' } })
    for (const field of ['v', 'w']) {
      const { message } = await failure(vault.resolveHeaders({ A: `<< secrets.k.${field} >>` }))
      expect(message).toMatch(/`\| trim`.*store it without/)
    }
  })

  it('around a reference is not blamed on the secret', async () => {
    const { vault } = backstage()
    await vault.set({ tag: 'crm', value: 'crm-0123456789' })
    for (const header of ['<< secrets.crm >> ', ' << secrets.crm >>', 'a\n << secrets.crm >>', 'ж << secrets.crm >>']) {
      const { message } = await failure(vault.resolveHeaders({ 'X-Note': header }))
      expect(message).toContain('not of the secret')
      expect(message).not.toContain('trim')
    }
  })
})

describe('a credential in place of a tag', () => {
  it.each([
    ['sk-live-4eC39HqLyjWDarjtT1zdp7dc', 'stripe-key'],
    ['ghp_16C7e42F292c6912E7710c838347Ae178B4a', { a: 1 }],
    ['AKIAIOSFODNN7EXAMPLE', 'aws'],
    ['q7Zx2LmP9vT4kR8w', 'github'],
    [`xoxb-123456789012-123456789012-${'a3F9c1D2'.repeat(3)}`, 'slack'],
    [`gsk_${'a3F9c1D2'.repeat(6)}qZ7x`, 'groq'],
    [`r8_${'a3F9c1D2'.repeat(4)}qZ7xL`, 'replicate'],
    [`pplx-${'a3f9c1d2'.repeat(6)}`, 'perplexity'],
    [`rpa_${'ABCDE7FGHIJK'.repeat(3)}WXYZ`, 'runpod'],
    [`lin_api_${'a3F9c1D2'.repeat(5)}`, 'linear'],
    [`figd_${'a3F9c1D2'.repeat(5)}`, 'figma'],
  ])('is refused before anything is told of it: %s', async (tag, value) => {
    const told: unknown[] = []
    const asked: unknown[] = []
    const { another } = backstage()
    const vault = another({
      onEvent: (event) => void told.push(event),
      policy: (request) => {
        asked.push(request)
        return true
      },
    })
    for (const call of [() => vault.create({ tag, value }), () => vault.set({ tag, value })]) {
      const error = await failure(call())
      expect(error).toMatchObject({ code: 'ERR_INVALID_INPUT', path: 'tag' })
      expect(error.message).toContain('tag and value seem swapped')
      expect(inspect(error, { depth: 9, showHidden: true })).not.toContain(tag)
    }
    expect([told, asked]).toEqual([[], []])
  })

  it('is told from a name', async () => {
    const { vault } = backstage()
    const names = [
      'sk-production-main-account',
      'xoxb-token-of-the-support-bot',
      'rpa_invoices',
      'openai_2024_backup',
      'x-key-13bb0305b250e796',
      'GITHUB_TOKEN_2',
      'k8s',
    ]
    for (const tag of names) await vault.create({ tag, value: 'hunter' })
    await vault.create({ tag: 'q7Zx2LmP9vT4kR8w', value: 'x-0123456789/+' })
  })
})
