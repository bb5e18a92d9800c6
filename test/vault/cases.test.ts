/** The collected cases, each through a whole vault: stored, sealed, opened, resolved. */

import { beforeEach, describe, expect, it, vi } from 'vitest'
import { encodeEnvelope } from '../../src/crypto/envelope.ts'
import type { SecretInput } from '../../src/secrets/secret.ts'
import { isName } from '../../src/tag.ts'
import type { Vault } from '../../src/vault/api.ts'
import { comparable, type ResolveCase, readResolveCases } from '../cases/decode.ts'
import { backstage, failure } from './fixture.ts'

const opened = vi.hoisted(() => ({ sealed: [] as string[] }))
vi.mock('../../src/crypto/seal.ts', async (original) => {
  const module = await original<typeof import('../../src/crypto/seal.ts')>()
  const open: typeof module.open = (envelope, ...rest) => {
    opened.sealed.push(encodeEnvelope(envelope))
    return module.open(envelope, ...rest)
  }
  return { ...module, open }
})

beforeEach(() => {
  opened.sealed.length = 0
})

/** Cases of values that the grammar meets and a vault does not store: an empty text, and a reference alone. */
const NOT_STORED = ['spec-no-reinterpolation', 'value-self-reference', 'empty-secret-value']

const cases = readResolveCases()
const bound = cases.filter(({ allow, expectedError }) => allow !== undefined && expectedError !== undefined)

describe('the collected cases, through a vault', () => {
  it('are all there, bound secrets among them', () => {
    expect(cases).toHaveLength(100)
    expect(bound).toHaveLength(6)
  })

  it.each(cases.map((entry) => [entry.name, entry] as const))('%s', async (_name, entry) => {
    const { vault, stored } = backstage({ ...(entry.delimiters !== undefined && { delimiters: entry.delimiters }) })
    if (NOT_STORED.includes(entry.name)) {
      expect(await failure(createAll(vault, entry))).toMatchObject({ code: 'ERR_INVALID_INPUT', path: 'value' })
      return
    }
    await createAll(vault, entry)
    opened.sealed.length = 0
    const opensOf = async (tag: string) => {
      const { sealed } = JSON.parse((await stored(tag)).body) as { sealed: string }
      return opened.sealed.filter((text) => text === sealed).length
    }
    if (entry.op === 'list') {
      expect(vault.references(entry.input)).toMatchObject(entry.expected as object)
      return
    }
    if (entry.expectedError === undefined) {
      const resolved = await resolve(vault, entry)
      expect(comparable(resolved.expose())).toEqual(comparable(entry.expected))
      for (const tag of Object.keys(entry.allow ?? {})) expect(await opensOf(tag)).toBe(1)
      return
    }
    expect(await failure(resolve(vault, entry))).toMatchObject(entry.expectedError)
    for (const tag of Object.keys(entry.allow ?? {})) expect(await opensOf(tag)).toBe(0)
  })
})

/** Creates what can be created; what is no tag has to be refused. */
async function createAll(vault: Vault, { secrets, allow }: ResolveCase): Promise<void> {
  for (const [tag, value] of Object.entries(secrets)) {
    const rule = allow !== undefined && Object.hasOwn(allow, tag) ? { allow: allow[tag] } : {}
    const input = { tag, value, ...rule } as SecretInput
    if (isName(tag)) await vault.create(input)
    else expect(await failure(vault.create(input))).toMatchObject({ code: 'ERR_INVALID_INPUT' })
  }
}

function resolve(vault: Vault, { as, input, options }: ResolveCase) {
  switch (as) {
    case 'headers':
      return vault.resolveHeaders(input, options)
    case 'env':
      return vault.resolveEnv(input, options)
    case 'request':
      return vault.resolveRequest(input, options)
    case 'value':
      return vault.resolve(input, options)
    default:
      return vault.resolve(input, { ...options, as })
  }
}
